import Messages
import Reports

/// Which command began a run.
package enum RunKind: String, Encodable {
  case search, evaluate

  /// The command that wrote a configuration with these keys; nil if they do not tell.
  package init?(_ leaves: JSONLeaves) {
    switch (leaves.values["method.name"] != nil, leaves.values["genotype"] != nil) {
    case (true, false): self = .search
    case (false, true): self = .evaluate
    default: return nil
    }
  }

  /// What can be done with a run of this kind.
  package var uses: Message {
    switch self {
    case .search:
      "toponas search \(setting: "resume") continues it, toponas evaluate \(setting: "genotype") RUN/genotype.json trains its cell."
    case .evaluate:
      "toponas evaluate \(setting: "resume") continues it, toponas report shows it, toponas export writes its weights."
    }
  }
}

extension RunFolder {
  /// Which command began it; nil if the configuration does not tell.
  package var kind: RunKind? {
    (try? text(of: "config.json")).flatMap { try? JSONLeaves($0) }.flatMap { RunKind($0) }
  }
}
