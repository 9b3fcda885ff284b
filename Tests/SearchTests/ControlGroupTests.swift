import Foundation
import TestSupport
import Testing

@testable import Reports
@testable import Runs
@testable import toponas

/// Limits of containers, in folders like those that Linux shows.
@Suite("Control groups")
struct ControlGroupTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func groups(_ files: [String: String]) throws -> ControlGroups {
    for (name, text) in files { try folder.write(text.utf8, to: name) }
    return ControlGroups(root: folder.path)
  }

  private static let mount2 =
    "30 23 0:27 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
  private static let mounts1 = """
    31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
    32 31 0:29 /docker/abc /sys/fs/cgroup/cpu,cpuacct rw shared:3 - cgroup cgroup rw,cpu,cpuacct
    35 31 0:32 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
    41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw

    """

  @Test func `version 2, where the smallest limit on the way up counts`() throws {
    let groups = try groups([
      "proc/self/cgroup": "0::/user.slice/job\n", "proc/self/mountinfo": Self.mount2,
      "sys/fs/cgroup/cgroup.procs": "", "sys/fs/cgroup/user.slice/memory.max": "3000000000\n",
      "sys/fs/cgroup/user.slice/job/memory.max": "max\n",
      "sys/fs/cgroup/user.slice/cpu.max": "max 100000\n",
      "sys/fs/cgroup/user.slice/job/cpu.max": "150000 100000\n",
    ])
    #expect(groups.memoryBytes == 3_000_000_000)
    #expect(groups.processors == 1.5)
  }

  @Test func `version 2 in a container, which sees its own group as the top`() throws {
    let groups = try groups([
      "proc/self/cgroup": "0::/\n", "proc/self/mountinfo": Self.mount2,
      "sys/fs/cgroup/memory.max": "536870912\n", "sys/fs/cgroup/cpu.max": "400000 100000\n",
    ])
    #expect(groups.memoryBytes == 512 << 20)
    #expect(groups.processors == 4)
  }

  @Test func `version 1, mounted at the group of the container`() throws {
    let groups = try groups([
      "proc/self/cgroup": "4:memory:/docker/abc/job\n1:cpu,cpuacct:/docker/abc\n0::/docker/abc\n",
      "proc/self/mountinfo": Self.mounts1,
      "sys/fs/cgroup/memory/memory.limit_in_bytes": "1073741824\n",
      "sys/fs/cgroup/memory/job/memory.limit_in_bytes": "9223372036854771712\n",
      "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "50000\n",
      "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
    ])
    #expect(groups.memoryBytes == 1 << 30)
    #expect(groups.processors == 0.5)
  }

  @Test func `without limits, without groups, and with nonsense`() throws {
    let unlimited = try groups([
      "proc/self/cgroup": "1:cpu:/other\n0::/\n", "proc/self/mountinfo": Self.mounts1,
      "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
      "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
      "sys/fs/cgroup/unified/memory.max": "max\n", "sys/fs/cgroup/unified/cpu.max": "max 100000\n",
    ])
    #expect(unlimited.memoryBytes == nil && unlimited.processors == nil)
    let none = ControlGroups(root: "\(folder.path)/none")
    #expect(none.memoryBytes == nil && none.processors == nil)
    let odd = try groups([
      "proc/self/cgroup": ":::\n0\nx:y\n0::/\n",
      "proc/self/mountinfo": "- -\n1 2 3\n" + Self.mount2,
      "sys/fs/cgroup/memory.max": "many\n", "sys/fs/cgroup/cpu.max": "1 0\n",
    ])
    #expect(odd.memoryBytes == nil && odd.processors == nil)
  }

  @Test func `what this machine leaves is something`() {
    #expect(availableMemory() > 1 << 28 && allowedProcessors() >= 1)
  }

  /// The shell's limit of the address space counts as the machine's.
  @Test func `a search that does not fit under ulimit is refused`() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    let program = try #require(toponasProcess().executableURL).path
    let outcome = try outcome(
      of: process,
      [
        "-c", "ulimit -v 2000000; exec \"$0\" search --channels 256 --cells 3 --dry-run", program,
      ])
    #expect(outcome.status == 64, "\(outcome.error)")
    let limit = 2_000_000 / 1024
    let left = outcome.error.wholeMatch(
      of:
        #/error: this needs [0-9,]+ MiB of memory or more, and this process can have ([0-9,]+) MiB\n(.|\n)*/#
    )
    let bytes = try #require(Int(left?.1.replacing(",", with: "") ?? ""), "\(outcome.error)")
    #expect((limit / 2..<limit).contains(bytes), "less what the program itself takes")
  }
}
