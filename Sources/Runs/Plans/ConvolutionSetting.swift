import Settings
import Tensors

extension ConvolutionAlgorithm: SettingConvertible {}

/// How the dense convolutions of a plan are computed.
///
/// New plans choose by shape, which is faster. A configuration without the key is that of direct ones, as all were
/// before there was a choice.
package func convolutionSetting<Plan>(
  _ path: any WritableKeyPath<Plan, ConvolutionAlgorithm?> & Sendable
) -> PlanSetting<Plan> {
  PlanSetting(
    Setting(
      "convolution", .choice(ConvolutionAlgorithm.allCases.map(\.rawValue)),
      help:
        "How dense 3x3 convolutions are computed: directly, by Winograd's short convolutions, which round "
        + "differently, or by those where they are faster.",
      standard: .word(ConvolutionAlgorithm.automatic.rawValue))
  ) {
    ($0[keyPath: path] ?? .direct).settingValue
  } set: { plan, value in
    let algorithm = ConvolutionAlgorithm(value)
    plan[keyPath: path] = algorithm == .direct ? nil : algorithm
  }
}
