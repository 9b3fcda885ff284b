import Reports
import SearchMethods

/// Finished runs whose settings are equal except for the seed, or a single run.
package struct ReportGroup {
  package let name: String
  package let runs: [ReportedRun]

  /// Groups in the order of their first runs.
  package static func groups(of runs: [ReportedRun]) -> [ReportGroup] {
    var keys: [[String: String]] = []
    var members: [[ReportedRun]] = []
    for run in runs {
      let key = run.settings
      if let index = keys.firstIndex(of: key) {
        members[index].append(run)
      } else {
        keys.append(key)
        members.append([run])
      }
    }
    let names = names(keys, members)
    return zip(names, members).map(ReportGroup.init)
  }

  /// Methods and kinds of spaces, with the settings that differ where that is not enough.
  private static func names(_ keys: [[String: String]], _ members: [[ReportedRun]]) -> [String] {
    let plans = members.map { $0[0].plan }
    let short = plans.map { plan in
      let space = Set(plans.map(\.space)).count > 1 ? "\(plan.space.rawValue), " : ""
      return "\(plan.method.name), \(space)\(plan.kindOfSpace)"
    }
    return keys.indices.map { index in
      let twins = keys.indices.filter { short[$0] == short[index] }
      let differing = Set(twins.flatMap { keys[$0].keys }).sorted().filter { key in
        Set(twins.map { keys[$0][key] }).count > 1
      }
      let details = differing.compactMap { key in
        keys[index][key].map { key == unfinished ? $0 : "\(key) \($0)" }
      }
      let seeds = members[index].count > 1 ? " (\(members[index].count) seeds)" : ""
      return ([short[index]] + details).joined(separator: ", ") + seeds
    }
  }

  /// Spreads of a number over the runs.
  package func spread(_ value: (ReportedRun) -> Double) -> Spread { Spread(runs.map(value)) }

  /// A number of every unit that a run has done: the mean of the runs, with the deviation as a band.
  package func curve(
    _ name: String, color: Int? = nil, isDashed: Bool = false, _ value: (any UnitReport) -> Double?
  ) -> LineChart.Series {
    let units = Set(runs.flatMap { $0.units.filter { value($0) != nil }.map(\.unit) }).sorted()
    let spreads = units.map { unit in
      Spread(runs.compactMap { $0.units.first { $0.unit == unit } }.compactMap(value))
    }
    let band = spreads.map { spread in
      // None of these numbers can be negative.
      (
        low: max(0, spread.mean - (spread.deviation ?? 0)),
        high: spread.mean + (spread.deviation ?? 0)
      )
    }
    return LineChart.Series(
      name, points: zip(units, spreads).map { (x: Double($0), y: $1.mean) },
      band: runs.count > 1 ? band : nil, isDashed: isDashed, color: color)
  }
}

extension ReportedRun {
  /// What runs of one group have in common; an unfinished one is in a group of its own.
  fileprivate var settings: [String: String] {
    var settings = plan.leaves
    settings["seed"] = nil
    if state != .finished { settings[unfinished] = "\(path), \(state.rawValue)" }
    return settings
  }
}

/// The key under which an unfinished run differs from all others.
private let unfinished = "unfinished"
