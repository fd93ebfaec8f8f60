import Testing

@testable import SwiftNN

/// Every operation has cases, and every case an operation.
@Suite struct CoverageTests {
  @Test func everyOperationHasCases() {
    let missing = Table.declared.map(\.name).filter { Table.byOperation[$0] == nil }
    #expect(missing == [], "add case lines under Tests/Golden/cases and run `make golden`")
  }

  @Test func everyCaseNamesAnOperation() {
    let declared = Set(Table.declared.map(\.name))
    let unknown = Set(Table.cases.map(\.operation)).subtracting(declared)
    #expect(unknown == [])
  }

  /// Either an operation says that it has no derivative, or a case checks the derivative.
  @Test func everyDerivativeIsChecked() throws {
    for operation in Table.declared {
      let cases = Table.byOperation[operation.name] ?? []
      let checked = try cases.contains { test in
        let leaves = try Call(test).leaves
        let changes = test.gradients != nil || test.hasAnyValues && test.hasDifferences
        return changes && leaves.contains { $0.count > 0 }
      }
      // Random numbers written over a tensor have a derivative of zero, which PyTorch does not give.
      let overwrites = operation.isInPlace && cases.contains(where: \.hasAnyValues)
      #expect(checked || overwrites || !operation.isDifferentiable, "\(operation.name) has no case with a gradient")
    }
  }

  @Test func namesAreUnique() {
    for (section, names) in [
      ("operation", Registry.operations.map(\.name)), ("layer", Registry.layers.map(\.name)),
      ("optimizer", Registry.optimizers.map(\.name)), ("schedule", Registry.schedules.map(\.name)),
    ] {
      #expect(Set(names).count == names.count, "two declarations share the name of an \(section)")
    }
  }

  /// The automatic forms are those of the functional operations that allow them.
  @Test func inPlaceFormsFollowFromDeclarations() {
    let expected = Table.declared.filter(\.hasInPlaceForm).map(\.inPlaceName)
    let forms = Registry.operations.dropFirst(Table.declared.count).prefix(expected.count).map(\.name)
    #expect(Array(forms) == expected)
  }

  /// Other names stand behind all declarations, and are the same operations.
  @Test func aliasesFollowFromDeclarations() throws {
    for operation in Table.declared {
      for alias in operation.aliases {
        let number = try #require(Registry.operationNumber(alias.name))
        let renamed = Registry.operations[number]
        #expect(renamed.fields.map(\.name) == operation.fields.map(\.name))
        let call = try Call(Table.byOperation[operation.name]![0])
        #expect(try difference(Registry.apply(alias.name, call.values), call.run()) == nil)
        #expect(!alias.name.hasSuffix("_") && renamed.aliases.isEmpty)
      }
    }
  }
}
