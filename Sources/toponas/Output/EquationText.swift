/// The equations that the steps of a simplification rest on, each in a line.
///
/// Their sources are the doc comments of the functions that compute them.
enum EquationText {
  /// The statement of an equation, by its id.
  static func statement(_ id: String) -> String {
    switch id {
    case "TS-5": "conv(u; w, dilation d) = conv(u; Z(w; K, d)): a kernel embedded in a larger one"
    case "TS-6": "sum alpha_i conv(u; w_i) = conv(u; W), W = sum alpha_i Z(w_i; K, d_i)"
    case "TS-10": "prefix s: sum alpha_i g_i(s(x)) = A sum p_i g_i(s(x))"
    case "TS-11": "suffix s: sum alpha_i s(g_i(x)) becomes A s(sum p_i g_i(x))"
    case "TS-12": "A = sum of alpha_i over the group, p_i = alpha_i / A"
    case "TS-14": "BN(c z) = BN(z) for c > 0, so A stands outside of a suffix with BN"
    case "TS-18": "o_i = B_i . F . A_i: a module F in the middle, neither prefix nor suffix"
    case "TS-19": "sum p_i B_i(F(A_i u)) becomes B(F(A u)), A = sum p_i A_i, B = sum p_i B_i"
    case "TS-20": "as TS-19 with weights of its own for the second stage, or the last block shared"
    case "TS-21": "merge where K^2 <= sum of k_i^2, taps counted on the common dilation grid"
    case "TS-24":
      "KN-1: W = sum p_i Z(w^_i; K, d_i), w^_o = w_o / sqrt(|w_o|^2 + epsilon) per output channel o"
    case "TS-26": "kernels are normalized before they are summed; BN undoes what comes after"
    case "TS-27":
      "KN-2: without the mean; KN-3: one norm per kernel; KN-4: KN-1 with a trained gain"
    default: ""
    }
  }

  /// Where it comes from, by its id.
  static func provenance(_ id: String) -> String {
    switch id {
    case "TS-5": "published: MergeNAS"
    case "TS-6": "published: RepVGG, MergeNAS"
    case "TS-10", "TS-14", "TS-18": "reconstructed: high"
    case "TS-11", "TS-12": "paper: words only; formula reconstructed: high"
    case "TS-19": "paper: words only; formula reconstructed: medium"
    case "TS-24", "TS-26": "reconstructed: medium"
    default: "reconstructed: low"
    }
  }
}
