import Autodiff
import SearchMethods
import SearchSpaces
import Tensors
import TestSupport
import Testing

/// DOTS.
@Suite("DOTS")
struct DOTSTests {
  private let golden: GoldenFile
  init() throws { golden = try GoldenFile("methods-next-golden") }
  private let primitives = SearchSpace.darts.primitives
  private var groups: OperationGroups { OperationGroups(primitives) }

  // MARK: A-16, the operation search

  @Test func eqA16_goldenGroups() throws {
    let test = try golden["dots-group-weights"]
    let row = try test.vector("alphaNonParametric") + test.vector("alphaParametric")
    let logits = Tensor(row.map { Scalar($0) }, shape: [1, 8])
    let weights = groupedWeights(.constant(logits), groups).value.doubles
    try expectGolden(weights, test, vector: "weights")
  }

  @Test func eqA16_invariant_theWeightsOfEachGroupAddUpToOne() {
    let weights = groupedWeights(.constant(sample([14, 8], 1)), groups).value.doubles
    for edge in 0..<14 {
      for group in groups.groups {
        expectClose(group.reduce(0) { $0 + weights[edge * 8 + $1] }, 1)
      }
    }
    #expect(OperationGroups(SearchSpace.nasBench201.primitives).groups == [[0, 1, 4], [2, 3]])
  }

  @Test func eqA16_gradientOfTheGroups() {
    expectGradients(at: [sample([3, 8], 1)]) { groupedWeights($0[0], groups) }
  }

  @Test func eqA16_theRelaxationGivesTheWeightsOfTheGroups() {
    let logits = Variable.constant(sample([14, 8], 1))
    let weights = (0..<14).flatMap { edge in
      (0..<8).map { EdgeWeight(edge: edge, weight: ArchitectureWeight([$0], within: Array(0..<8))) }
    }
    expectClose(
      GroupedRelaxation(primitives).values(of: weights, logits: logits).value,
      groupedWeights(logits, groups).value)
  }

  /// The weight of a shared part, and the share of an operation inside it, are those of the groups too.
  @Test func eqA16_nestedWeightsMultiplyToTheWeightsOfTheGroups() {
    let logits = Variable.constant(sample([14, 8], 1))
    let weights = groupedWeights(logits, groups).value
    let measure = GroupedRelaxation(primitives)
    func value(_ weight: ArchitectureWeight) -> Double {
      Double(
        measure.values(of: [EdgeWeight(edge: 5, weight: weight)], logits: logits).value[0])
    }
    // Two operations of one group, and three of both.
    for members in [[4, 6], [3, 5, 7]] {
      let whole = value(ArchitectureWeight(members, within: Array(0..<8)))
      expectClose(whole, members.reduce(0) { $0 + Double(weights[5 * 8 + $1]) })
      for member in members {
        let inside = value(ArchitectureWeight([member], within: members))
        expectClose(whole * inside, Double(weights[5 * 8 + member]))
      }
    }
  }

  @Test func eqA16_negative_itIsNoSoftmaxOverAll() {
    let logits = sample([1, 8], 1)
    let grouped = groupedWeights(.constant(logits), groups).value.doubles
    #expect(zip(grouped, logits.softmax().doubles).allSatisfy { $0 > $1 })
  }

  // MARK: A-16, the topology search

  @Test func eqA16_goldenBalance() throws {
    let test = try golden["dots-balance"]
    let balance = Tensor(try test.vector("balance").map { Scalar($0) }, shape: [1, 2])
    let temperatures = try test.vector("T")
    let rows = temperatures.flatMap {
      balanceWeights(.constant(balance), temperature: Scalar($0)).value.scalars
    }
    try expectGolden(Tensor(rows, shape: [temperatures.count, 2]), test, "weights", slack: 5)
  }

  @Test func eqA16_gradientOfTheBalance() {
    // A thousandth of a number in c is what one is elsewhere.
    expectGradients(at: [sample([3, 2], 1)]) { balanceWeights(0.001 * $0[0], temperature: 1) }
  }

  @Test func eqA16_limit_theBalanceBeginsEven() {
    expectClose(
      balanceWeights(.constant(.zeros([2, 2])), temperature: 10).value.doubles,
      [0.5, 0.5, 0.5, 0.5])
  }

  @Test func eqA16_negative_theBalanceIsAThousandTimesColderThanThePairs() {
    let balance = Tensor([0.004, -0.002], shape: [1, 2])
    let warm = balance.softmax().doubles
    let cold = balanceWeights(.constant(balance), temperature: 1).value.doubles
    #expect(warm[0] < 0.51 && cold[0] > 0.99)
  }

  @Test func eqA16_theBestOfEachGroupSurvives() {
    var logits = Tensor.zeros([2, 8])
    logits[3] = 1
    logits[6] = 0.5
    logits[8] = -1
    #expect(groups.survivors(logits) == [[3, 6], [1, 4]], "of equals the first")
  }

  // MARK: A-17

  @Test func eqA17_golden() throws {
    let test = try golden["dots-learning-rate"]
    let rates = try test.vector("epoch").map { dotsLearningRate(epoch: Int($0)) }
    expectClose(rates, try test.vector("lr"), absolute: 1e-12, relative: 1e-12)
  }

  @Test func eqA17_negative_theNewNetworkDoesNotBeginTheCosineAnew() {
    #expect(DOTSPhase(epoch: 30).beginsAnew)
    #expect(dotsLearningRate(epoch: 30) < dotsLearningRate(epoch: 29))
    expectClose(dotsLearningRate(epoch: 30), 0.015670, absolute: 1e-6)
  }

  // MARK: A-18

  @Test func eqA18_imagesAndOrderOfThePhases() {
    let phases = DOTSPhase.allCases
    #expect(phases.map(\.imagesOfWeights) == [.firstHalf, .firstHalf, .firstHalf, .allInOrder])
    #expect(phases.map(\.imagesOfArchitecture) == [nil, .secondHalf, nil, .allInOrder])
    #expect(phases.map(\.movesArchitectureFirst) == [false, true, false, false])
    #expect(phases.map(\.isOneLevel) == [false, false, false, true])
  }

  @Test func eqA18_invariant_everyEpochHasAPhase() {
    #expect(DOTSPhase.allCases.flatMap(\.epochs) == Array(0..<DOTSPhase.epochCount))
    for epoch in 0..<70 { #expect(DOTSPhase(epoch: epoch).epochs.contains(epoch)) }
    #expect(DOTSPhase.allCases.filter(\.beginsAnew) == [.operationTraining, .topologyTraining])
  }

  @Test func eqA14_dotsIsWarmOutsideOfItsTopologySearch() throws {
    let test = try GoldenFile("methods-golden")["pair-temperature"]
    let taus = (0..<70).map { DOTSPhase(epoch: $0).temperature(epoch: $0) }
    #expect(taus[..<50].allSatisfy { $0 == 1 })
    expectClose(Array(taus[50...]), try test.vector("temperature"), absolute: 1e-12)
  }

  // MARK: A-19

  private let topology = CellTopology(SearchSpace.darts.edges, sizes: .two)

  @Test func eqA19_theBalanceDecidesBetweenTheSurvivors() {
    var (beta, balance) = (Tensor.zeros([20]), Tensor.zeros([14, 2]))
    beta[3] = 1  // Node 3 keeps its predecessors 1 and 2: the edges 3 and 4.
    balance[3 * 2 + 1] = 0.1  // The convolution of edge 3.
    balance[0] = -0.1  // The convolution of edge 0.
    let survivors = Array(repeating: [3, 4], count: 14)
    let edges = dotsEdges(
      pairs: beta, balance: balance, survivors: survivors, primitives: primitives, topology)
    #expect(edges.map(\.edge) == [0, 1, 3, 4, 5, 6, 9, 10], "of equals the first pair")
    #expect(edges.map(\.candidate) == [4, 3, 4, 3, 3, 3, 3, 3], "of equals the first group")
  }

  @Test func eqA19_limit_ifNoneSurvivedTheConvolutionWins() {
    var balance = Tensor.zeros([14, 2])
    for edge in 0..<14 { balance[edge * 2] = 5 }
    let edges = dotsEdges(
      pairs: .zeros([20]), balance: balance,
      survivors: (0..<14).map { $0 % 2 == 0 ? [0, 6] : [1, 6] }, primitives: primitives, topology)
    #expect(edges.allSatisfy { $0.candidate == ($0.edge % 2 == 0 ? 6 : 1) })
  }

  @Test func eqA19_negative_theTemperatureHasNoSay() {
    // Cold weights are 0 and 1; which is larger stays.
    let balance = sample([14, 2], 2)
    let cold = balanceWeights(.constant(balance), temperature: 0.02).value
    let survivors = Array(repeating: [2, 5], count: 14)
    func edges(_ balance: Tensor) -> [DerivedEdge] {
      dotsEdges(
        pairs: sample([20], 1), balance: balance, survivors: survivors, primitives: primitives,
        topology)
    }
    #expect(edges(balance) == edges(cold))
    #expect(edges(balance) != edges(-1 * balance))
  }

  /// As the published program prints it during the operation search.
  @Test func eqA19_inTheOperationSearchTheRuleIsThatOfDARTSOnTheWeightsOfBothGroups() {
    var logits = Tensor.zeros([14, 8])
    // Node 3: skip of edge 2 against two strong convolutions of edge 3, which share their group.
    logits[2 * 8 + 3] = 1
    logits[3 * 8 + 4] = 2
    logits[3 * 8 + 5] = 2
    let weights = groupedWeights(.constant(logits), groups).value.reshaped(to: [14, 8])
    let kept = StrongestEdges(perNode: 1).edges(
      CellEvidence(.darts, logWeights: weights.map(Elementary.log)))
    #expect(kept[1] == DerivedEdge(edge: 2, candidate: 3))
    let flat = StrongestEdges(perNode: 1).edges(
      CellEvidence(.darts, logWeights: logits.logSoftmax()))
    #expect(flat[1] == DerivedEdge(edge: 3, candidate: 4))
  }

  // MARK: A-20

  @Test func eqA20_bothNetworksHaveEightCells() {
    #expect(DOTSPhase.allCases.map(\.cells) == [8, 8, 8, 8])
  }
}
