import Foundation

/// What the control groups of Linux leave to this process: containers and batch systems limit it by them.
///
/// Both versions are read. A limit of a group holds for all below it, so that the smallest one on the way up counts.
/// Elsewhere than on Linux there are none.
package struct ControlGroups {
  /// A way from the group of this process to the topmost one that can be seen, for one controller.
  private struct Way {
    let isVersion2: Bool
    let folders: [String]
  }

  private let root: String

  /// Reads the system below `root`, which is another folder in tests alone.
  package init(root: String = "") { self.root = root }

  /// The most bytes of memory, if they are limited.
  package var memoryBytes: Int? {
    ways("memory").flatMap { way in
      way.folders.compactMap { folder in
        number("\(folder)/\(way.isVersion2 ? "memory.max" : "memory.limit_in_bytes")")
      }
    }.min().map { Int(clamping: $0) }
  }

  /// How many processors' time, if it is limited: 1.5 is three seconds in two.
  package var processors: Double? {
    ways("cpu").flatMap { way in
      way.folders.compactMap { folder -> Double? in
        let values =
          way.isVersion2
          ? words("\(folder)/cpu.max").map { UInt64($0) }
          : [number("\(folder)/cpu.cfs_quota_us"), number("\(folder)/cpu.cfs_period_us")]
        guard values.count == 2, let quota = values[0], let period = values[1], period > 0 else {
          return nil
        }
        return Double(quota) / Double(period)
      }
    }.min()
  }

  /// The ways of a controller in the versions that there are.
  private func ways(_ controller: String) -> [Way] {
    text("/proc/self/cgroup").split(separator: "\n").compactMap { line -> Way? in
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { return nil }
      let isVersion2 = fields[0] == "0" && fields[1].isEmpty
      guard isVersion2 || fields[1].split(separator: ",").contains(Substring(controller)),
        let mount = mount(of: isVersion2 ? nil : controller)
      else { return nil }
      return Way(isVersion2: isVersion2, folders: folders(of: String(fields[2]), mount))
    }
  }

  /// Where the groups of a controller of version 1, or those of version 2, are mounted, and the group seen there.
  private func mount(of controller: String?) -> (group: String, folder: String)? {
    for line in text("/proc/self/mountinfo").split(separator: "\n") {
      // 41 31 0:38 /group /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
      let fields = line.split(separator: " ")
      guard let dash = fields.firstIndex(of: "-"), dash >= 5, fields.count > dash + 3 else {
        continue
      }
      let isWanted =
        controller.map { name in
          fields[dash + 1] == "cgroup"
            && fields[dash + 3].split(separator: ",").contains(Substring(name))
        } ?? (fields[dash + 1] == "cgroup2")
      if isWanted { return (String(fields[3]), String(fields[4])) }
    }
    return nil
  }

  /// The folders of a group and of those above it, as far as they are below the mount.
  private func folders(of group: String, _ mount: (group: String, folder: String)) -> [String] {
    let top = mount.group == "/" ? "" : mount.group
    let isBelow = group == top || group.hasPrefix("\(top)/")
    let parts = isBelow ? group.dropFirst(top.count).split(separator: "/") : []
    return (0...parts.count).map { count in
      ([mount.folder] + parts.prefix(count).map(String.init)).joined(separator: "/")
    }
  }

  private func number(_ file: String) -> UInt64? { words(file).first.flatMap { UInt64($0) } }

  private func words(_ file: String) -> [String] {
    text(file).split(whereSeparator: \.isWhitespace).map(String.init)
  }

  private func text(_ file: String) -> String {
    (try? String(contentsOfFile: root + file, encoding: .utf8)) ?? ""
  }
}
