/// What a method observes of its search after an epoch, besides what all searches of its kind report.
public struct MethodObservations: Sendable {
  /// Numbers, which follow the other columns of the epoch.
  public var columns: [ReportColumn]
  /// What happened in the epoch that no number tells, in a line each.
  public var notes: [String]
  /// Tables that grow after each epoch, always by as many rows.
  public var records: [UnitRecord]

  /// Creates observations.
  public init(
    columns: [ReportColumn] = [], notes: [String] = [], records: [UnitRecord] = []
  ) {
    (self.columns, self.notes, self.records) = (columns, notes, records)
  }
}
