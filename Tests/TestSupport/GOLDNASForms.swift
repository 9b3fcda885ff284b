/// Cells of GOLD-NAS in forms in which people have them.
public enum GOLDNASForms {
  /// The cells of a network of three, as lists of triples.
  public static let cells = [
    "[('skip_connect', 0, 2), ('sep_conv_3x3', 0, 2), ('sep_conv_3x3', 1, 3), ('skip_connect', 2, 4), "
      + "('sep_conv_3x3', 0, 5), ('skip_connect', 4, 5), ('sep_conv_3x3', 4, 5)]",
    "[('sep_conv_3x3', 1, 2), ('skip_connect', 0, 3), ('sep_conv_3x3', 2, 4), ('skip_connect', 3, 5)]",
    "[('skip_connect', 1, 2), ('skip_connect', 1, 3), ('sep_conv_3x3', 1, 3), ('skip_connect', 0, 4), "
      + "('sep_conv_3x3', 3, 5)]",
  ]
  /// Their list.
  public static let gene = "[\(cells.joined(separator: ", "))]"
  /// As the published program has it.
  public static let official = "Genotype(gene=\(gene), concat=range(2, 6))"

  private static let json =
    "{\"gene\": "
    + gene.replacing("(", with: "[").replacing(")", with: "]").replacing("'", with: "\"")
    + ", \"concat\": [2, 3, 4, 5]}"

  /// The forms that formatters, logs and programs give it.
  public static let all: [(name: String, text: String)] = [
    ("official", official),
    ("double quotes", official.replacing("'", with: "\"")),
    ("trailing commas", official.replacing(")]", with: "),]")),
    ("formatter", official.replacing("), ", with: "),\n     ").replacing("], ", with: "],\n  ")),
    (
      "assigned",
      "Genotype = namedtuple('Genotype', 'gene concat')\n\nmine = \(official)  # after epoch 80"
    ),
    ("log", "05/30 09:00:00 AM genotype = \(official)\n05/30 09:00:01 AM FLOPs 240.1"),
    ("arguments", "Genotype(\(gene), range(2, 6))"),
    ("one argument", "Genotype(\(gene))"),
    ("other order", "Genotype(concat=[2, 3, 4, 5], gene=\(gene))"),
    ("no concat", "Genotype(gene=\(gene))"),
    ("dictionary", "{'gene': \(gene), 'concat': range(2, 6)}"),
    ("dict", "dict(gene=\(gene), concat=(2, 3, 4, 5))"),
    ("JSON", json),
    ("of a run", "{\n  \"gold-nas\" : \"\(official)\"\n}"),
    ("lists", official.replacing("('", with: "['").replacing(")", with: "]").dropLast(2) + "))"),
    ("lines", "gene = \(gene)\nconcat = range(2, 6)\n"),
    ("tuple", "(\(gene), range(2, 6))"),
    ("floats", official.replacing(", 2)", with: ", 2.0)")),
  ]
}
