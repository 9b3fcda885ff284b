/// The choice of some images, evenly from all classes.
public enum EvenChoice {
  /// `count` in as many whole numbers as there are classes; the first ones are one larger if it must be.
  public static func shares(of count: Int, among classes: Int) -> [Int] {
    (0..<classes).map { count / classes + ($0 < count % classes ? 1 : 0) }
  }

  /// The places of the first labels of each class, `count` in all, in their order.
  public static func places(
    _ count: Int, of labels: [UInt8], classes: Int
  ) throws(DatasetError) -> [Int] {
    try places(count, of: labels, classes: classes, in: labels.indices)
  }

  /// The same, where labels come in the order of `order`, which names each place once.
  public static func places(
    _ count: Int, of labels: [UInt8], classes: Int, in order: some Sequence<Int>
  ) throws(DatasetError) -> [Int] {
    var wanted = shares(of: count, among: classes)
    let chosen = order.filter { place in
      let label = Int(labels[place])
      guard wanted[label] > 0 else { return false }
      wanted[label] -= 1
      return true
    }
    guard chosen.count == count else {
      let perClass = labels.reduce(into: [Int](repeating: 0, count: classes)) { $0[Int($1)] += 1 }
      throw .tooFewImages(requested: count, available: labels.count, perClass: perClass)
    }
    return chosen
  }
}
