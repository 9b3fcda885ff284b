import SearchMethods
import Tensors

/// Every gradient-based method of the program with its usual numbers, but for what a network of two channels cannot do: two channels
/// have no four parts.
let methodsForTwoChannels = MethodEntry.all.compactMap { entry in
  var values = entry.standardValues
  if values["partial-channels"] != nil { values["partial-channels"] = 2 }
  return entry.make(values, RandomGenerator(seed: 1)) as? any SearchMethod
}
