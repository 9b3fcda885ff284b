import SearchSpaces
import TestSupport
import Testing

/// Damaged genotypes, and tables of them.
@Suite("Fuzzing of genotypes")
struct GenotypeFuzzTests {
  private let cell =
    "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|nor_conv_1x1~1|none~2|"
  private let nested =
    "Genotype(normal=["
    + (2...5).map { "[('sep_conv_3x3', \($0 - 1)), ('skip_connect', 0)]" }.joined(separator: ", ")
    + "], normal_concat=range(2, 6), reduce=["
    + (2...5).map { "[('max_pool_3x3', 0), ('dil_conv_5x5', \($0 - 1))]" }.joined(separator: ", ")
    + "], reduce_concat=range(2, 6))"

  private let gold = GOLDNASForms.official
  private let topology =
    "Genotype(module='nor_conv_3x3', nodes=4, skips=3, stages=['01001', '11010', '00000'])"

  @Test func `fuzz: cells of NAS-Bench-201`() {
    fuzz([Array(cell.utf8)], rounds: 10_000, refusing: GenotypeError.self) {
      let text = String(decoding: $0, as: UTF8.self)
      let read = try NASBench201Genotype(parsing: text)
      try FuzzFailure.unless(read.description == text, "printed as \(read)")
    }
  }

  /// What is read is read again from what it prints.
  @Test func `fuzz: genotypes in texts`() {
    let forms = GenotypeForms.common + GenotypeForms.further
    let sound = forms.map(\.text) + [nested, cell, gold, topology, "6111"]
    fuzz(sound.map { Array($0.utf8) }, rounds: 5_000, refusing: GenotypeError.self) {
      let all = try GenotypeText(String(decoding: $0, as: UTF8.self))
      for entry in all.entries {
        let read = entry.genotype
        let again = try GenotypeText(read.description).last.genotype
        try FuzzFailure.unless(
          again as? AnyHashable == read as? AnyHashable, "\(read) is read again as \(again)")
        _ = all.position(of: entry)
      }
    }
  }

  private let head = "arch_index,arch_str,cifar10_valid,cifar10_test\n"

  private func rows(_ ordinals: some Sequence<Int>) -> String {
    ordinals.map { "\($0),\(NASBench201Genotype(ordinal: $0)),91.6067,94.37\n" }.joined()
  }

  /// A table of a few rows is read to its end, where the other cells are missing.
  @Test func `fuzz: rows of a table`() {
    let text = head + rows([0, 2500, 7000, 15_624])
    fuzz([Array(text.utf8)], rounds: 10_000, refusing: NASBench201TableError.self) {
      do throws(NASBench201TableError) {
        _ = try NASBench201Table(parsing: String(decoding: $0, as: UTF8.self), file: "x")
      } catch {
        guard case .missing = error.problem else { throw error }
      }
    }
  }

  /// The first rows of a whole table are damaged.
  @Test func `fuzz: whole tables`() {
    let rest = rows(4..<NASBench201Genotype.count)
    let cell = NASBench201Genotype(ordinal: 0)
    fuzz([Array((head + rows(0..<4)).utf8)], rounds: 20, refusing: NASBench201TableError.self) {
      let text = String(decoding: $0, as: UTF8.self) + rest
      let table = try NASBench201Table(parsing: text, file: "x")
      for (name, measured) in table.measurements(of: cell) {
        try FuzzFailure.unless(
          0...1 ~= measured.accuracy && measured.rank > 0, "\(name): \(measured)")
      }
    }
  }
}
