/// The published cells DARTS_V2 in forms in which people have them.
public enum GenotypeForms {
  /// Its normal cell, as a list of pairs.
  public static let normal =
    "[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), "
    + "('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)]"
  /// Its reduction cell.
  public static let reduction =
    "[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), "
    + "('max_pool_3x3', 0), ('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)]"
  /// As the official code prints it.
  public static let official =
    "Genotype(normal=\(normal), normal_concat=range(2, 6), reduce=\(reduction), "
    + "reduce_concat=range(2, 6))"
  /// Another genotype, which differs in one operation.
  public static let other = official.replacing("dil_conv_3x3", with: "sep_conv_5x5")

  /// A pair a line, as formatters write it.
  private static func lines(_ cell: String) -> String {
    "[\n"
      + cell.dropFirst().dropLast().replacing("), ", with: "),\n").replacing("'", with: "\"")
      .split(separator: "\n").map { "        \($0)" }.joined(separator: "\n") + ",\n    ]"
  }
  private static let formatted =
    "Genotype(\n    normal=\(lines(normal)),\n    normal_concat=[2, 3, 4, 5],\n"
    + "    reduce=\(lines(reduction)),\n    reduce_concat=[2, 3, 4, 5],\n)\n"

  private static func list(_ cell: String) -> String {
    cell.replacing("(", with: "[").replacing(")", with: "]").replacing("'", with: "\"")
  }
  private static let json =
    "{\"normal\": \(list(normal)), \"normal_concat\": [2, 3, 4, 5], \"reduce\": \(list(reduction)), "
    + "\"reduce_concat\": [2, 3, 4, 5]}"

  /// With something behind the source of each pair.
  private static func withNumbers(_ number: (Int) -> String) -> String {
    (0...2).reduce(official) { text, source in
      text.replacing(", \(source))", with: ", \(source), \(number(source)))")
    }
  }

  /// With `commented` behind each of the first pairs.
  private static let commented =
    "Genotype(normal=[\n"
    + normal.dropFirst().dropLast().replacing("), ", with: "),\n").split(separator: "\n")
    .map { "    \($0.hasSuffix(",") ? "\($0)" : "\($0),")  # a step" }.joined(separator: "\n")
    + "\n  ], normal_concat=range(2, 6), reduce=\(reduction), reduce_concat=range(2, 6))\n"

  /// The forms that formatters, logs, public code and threads of forums give it.
  public static let common: [(name: String, text: String)] = [
    ("official", official),
    ("double quotes", official.replacing("'", with: "\"")),
    ("trailing commas", official.replacing(")]", with: "),]").dropLast() + ",)"),
    ("formatter", formatted),
    (
      "assigned",
      """
      from collections import namedtuple

      Genotype = namedtuple('Genotype', 'normal normal_concat reduce reduce_concat')

      MY_CELL = \(official)  # 97.2
      """
    ),
    (
      "log",
      """
      06/12 10:11:12 AM epoch 49 lr 1.000000e-03
      06/12 10:11:12 AM genotype = \(official)
      06/12 10:11:13 AM train 000 2.317
      """
    ),
    ("text behind", official + ";"),
    ("comments", commented),
    ("quoted", "\"\(official)\""),
    ("triples", withNumbers { "0.1\(3 + $0)" }),
    (
      "other order",
      "Genotype(reduce_concat=list(range(2, 6)), reduce=\(reduction), normal_concat=(2, 3, 4, 5), "
        + "normal=\(normal))"
    ),
    ("JSON", json),
    ("code fence", "The cell we found:\n\n```python\n\(official)\n```\n"),
    ("CR LF", formatted.replacing("\n", with: "\r\n")),
    ("two of them", "epoch 1 genotype = \(other)\nepoch 2 genotype = \(official)\n"),
  ]

  /// A list of two pairs for each node, in brackets of one's own.
  private static func nested(_ cell: String, _ open: String, _ close: String) -> String {
    let pairs = cell.dropFirst().dropLast().replacing("), (", with: ")|(").split(separator: "|")
    return stride(from: 0, to: 8, by: 2).map { "\(open)\(pairs[$0]), \(pairs[$0 + 1])\(close)" }
      .joined(separator: ", ")
  }

  private static func with(_ normal: String, _ reduction: String) -> String {
    "Genotype(normal=\(normal), normal_concat=range(2, 6), reduce=\(reduction), reduce_concat=range(2, 6))"
  }

  private static func flat(_ cell: String) -> String {
    "[" + cell.filter { !"[()]".contains($0) } + "]"
  }

  /// Each pair with the node that it leads to, before or behind the source.
  private static func withTargets(_ cell: String, targetFirst: Bool) -> String {
    let pairs = cell.dropFirst().dropLast().replacing("), (", with: ")|(").split(separator: "|")
    return "["
      + pairs.enumerated().map { index, pair in
        let (node, source) = (2 + index / 2, pair.dropLast().last ?? "0")
        let numbers = targetFirst ? "\(node), \(source)" : "\(source), \(node)"
        return "\(pair.dropLast(2))\(numbers))"
      }.joined(separator: ", ") + "]"
  }

  /// More forms of the same kinds.
  public static let further: [(name: String, text: String)] = [
    ("u''", official.replacing("('", with: "(u'")),
    ("r''", official.replacing("('", with: "(r'")),
    ("b''", official.replacing("('", with: "(b'")),
    ("triple quotes", official.replacing("'", with: "\"\"\"")),
    ("positional", "Genotype(\(normal), range(2, 6), \(reduction), [2, 3, 4, 5])"),
    (
      "half positional",
      "Genotype(\(normal), range(2, 6), reduce_concat=[2, 3, 4, 5], reduce=\(reduction))"
    ),
    ("of a module", "genotypes." + official),
    ("bare tuple", "(\(normal), range(2, 6), \(reduction), range(2, 6))"),
    ("bare list", "[\(list(normal)), [2, 3, 4, 5], \(list(reduction)), [2, 3, 4, 5]]"),
    ("a list a node", with("[\(nested(normal, "[", "]"))]", "[\(nested(reduction, "[", "]"))]")),
    ("a tuple a node", with("(\(nested(normal, "(", ")")))", "[\(nested(reduction, "(", ")"))]")),
    (
      "brackets around all",
      with("[[\(nested(normal, "[", "]"))]]", "([\(nested(reduction, "[", "]"))],)")
    ),
    ("no brackets", with(flat(normal), flat(reduction))),
    (
      "source first",
      with(normal, reduction).replacing("('dil_conv_3x3', 2)", with: "(2, 'dil_conv_3x3')")
    ),
    (
      "node before source",
      with(withTargets(normal, targetFirst: true), withTargets(reduction, targetFirst: true))
    ),
    (
      "node behind source",
      with(withTargets(normal, targetFirst: false), withTargets(reduction, targetFirst: false))
    ),
    ("weights of 1", withNumbers { _ in "1.0" }),
    ("weights that are not numbers", withNumbers { $0 == 0 ? "nan" : "tensor(0.12)" }),
    ("whole weights", withNumbers { _ in "1" }),
    (
      "numpy",
      official.replacing("range", with: "np.arange").replacing(", 0)", with: ", np.int64(0))")
    ),
    ("arrays", official.replacing("range(2, 6)", with: "array([2, 3, 4, 5])")),
    ("tensors", official.replacing(", 1)", with: ", tensor(1, device='cuda:0'))")),
    ("Python 2", official.replacing(", 1)", with: ", 1L)").replacing("('", with: "(u'")),
    ("unpacked range", official.replacing("range(2, 6)", with: "[*range(2, 6)]")),
    ("tuple of a range", official.replacing("range(2, 6)", with: "tuple(range(2, 6))")),
    ("set", official.replacing("range(2, 6)", with: "{2, 3, 4, 5}")),
    (
      "fields without content",
      official.dropLast() + ", connectN=None, connects=None, aux=[], bottleneck='')"
    ),
    ("positional None", "Genotype(\(normal), range(2, 6), \(reduction), range(2, 6), None, None)"),
    ("no output", "Genotype(normal=\(normal), reduce=\(reduction))"),
    (
      "dict",
      "dict(normal=\(normal), normal_concat=[2, 3, 4, 5], reduce=\(reduction), reduce_concat=[2, 3, 4, 5])"
    ),
    (
      "OrderedDict of pairs",
      "OrderedDict([('normal', \(normal)), ('normal_concat', range(2, 6)), ('reduce', \(reduction)), "
        + "('reduce_concat', range(2, 6))])"
    ),
    ("OrderedDict of a dict", "OrderedDict(\(json))"),
    ("JSON among others", "{\"epoch\": 49, \"genotype\": \(json), \"accuracy\": 97.2}"),
    (
      "JSON of strings",
      "{\"normal\": \"\(normal)\", \"normal_concat\": \"range(2, 6)\", \"reduce\": \"\(reduction)\", \"reduce_concat\": \"range(2, 6)\"}"
    ),
    ("JSON of a run", "{\"darts\": \"\(official)\"}"),
    ("a string in JSON", "{\"genotype\": \"\(official.replacing("'", with: "\\\""))\"}"),
    ("a string in a string", "'" + official.replacing("'", with: "\\'") + "'"),
    (
      "joined strings",
      "best = \"\(official.prefix(150))\" \\\n    \"\(official.dropFirst(150))\"\n"
    ),
    ("docstring", "\"\"\"An example:\n    \(official)\n\"\"\""),
    (
      "curly quotes", official.replacing("('", with: "(\u{2018}").replacing("',", with: "\u{2019},")
    ),
    (
      "curly double quotes",
      official.replacing("('", with: "(\u{201C}").replacing("',", with: "\u{201D},")
    ),
    ("no-break spaces", official.replacing(" ", with: "\u{A0}")),
    ("mark of UTF-8", "\u{FEFF}" + official),
    ("CR alone", formatted.replacing("\n", with: "\r")),
    (
      "spaces everywhere",
      official.replacing("(", with: " ( ").replacing("=", with: " = ").replacing(",", with: "\t,\n")
    ),
    ("no spaces", official.filter { $0 != " " }),
    ("lines go on", official.replacing(", ", with: ", \\\n")),
    ("without quotes", official.replacing("'", with: "")),
    ("sentence", "We don't know why, but it's `\(official)` (97.2 %)."),
    ("command", "python train.py --arch \"\(official)\" --layers 20  # the best"),
    ("comment alone", "# \(official)"),
    ("others in comments", "# A = \(other)\nB = \(official)\n# C = \(other)\n"),
    ("number sign", "run #3, genotype = \(official)"),
    ("source of a page", "<code>\(official.replacing("'", with: "&#39;"))</code>"),
    (
      "in a program",
      """
      class Genotype(namedtuple('Genotype', 'normal normal_concat reduce reduce_concat')): pass

      DARTS_V2 = \(official)

      def genotype(self):
        genotype = Genotype(
          normal=_parse(F.softmax(self.alphas_normal, dim=-1).data.cpu().numpy()), normal_concat=concat,
          reduce=gene_reduce, reduce_concat=concat)
        return genotype

      DARTS = DARTS_V2
      """
    ),
    (
      "fields in lines of their own",
      "normal = \(normal)\nnormal_concat = range(2, 6)\nreduce = \(reduction)\n"
    ),
    (
      "fields of an object",
      "g.reduce = \(reduction)  # halves\ng.normal = \(normal)\nreturn g"
    ),
    (
      "variables",
      "normal = \(normal)\nreduce = \(reduction)\n"
        + "Genotype(normal=normal, normal_concat=range(2, 6), reduce=reduce, reduce_concat=range(2, 6))"
    ),
    (
      "YAML",
      "normal:\n  \(list(normal))\nnormal_concat: [2, 3, 4, 5]\nreduce: \(list(reduction))\nseed: 1\n"
    ),
    ("frozen set", official.replacing("range(2, 6)", with: "frozenset({2, 3, 4, 5})")),
    ("value of Python", "eval('''\(official)''')"),
    ("printed by bytes", "b\"\(official)\""),
    ("CSV", "1,97.2,\"\(official.replacing("'", with: "\"\""))\"\r\n"),
    ("colours of a terminal", "\u{1B}[32mgenotype\u{1B}[0m = \u{1B}[1m\(official)\u{1B}[0m\n"),
    ("name", "DARTS_V2"), ("name in lower case", " darts-v2\n"),
    ("name of a module", "genotypes.DARTS_V2"), ("name in quotes", "'DARTS'"),
  ]
}
