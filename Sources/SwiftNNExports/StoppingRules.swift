import CSwiftNN
import SwiftNN

/// A rule as C holds it.
private final class Rule {
  let rule: any StoppingRule

  init(_ rule: any StoppingRule) { self.rule = rule }
}

/// The rule behind a handle.
func stoppingRule(_ handle: OpaquePointer?, _ function: StaticString) throws(SNNError) -> any StoppingRule {
  let held: Rule = try required(handle, function, "rule")
  return held.rule
}

@_cdecl("snn_stopping_rule_new")
@implementation
public func snn_stopping_rule_new(
  _ rule: Int32, _ arguments: UnsafePointer<snn_value>?, _ argument_count: Int,
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let out = try required(out, "snn_stopping_rule_new", "out")
    guard Registry.stoppingRules.indices.contains(Int(rule)) else {
      throw SNNError(.name, "snn_stopping_rule_new: there is no stopping rule number \(rule)")
    }
    let declaration = Registry.stoppingRules[Int(rule)]
    out.pointee = handle(Rule(try declaration(values(arguments, argument_count, declaration.name))))
  }
}

@_cdecl("snn_stopping_rule_retain")
@implementation
public func snn_stopping_rule_retain(_ rule: OpaquePointer?) -> OpaquePointer? { retain(rule, Rule.self) }

@_cdecl("snn_stopping_rule_release")
@implementation
public func snn_stopping_rule_release(_ rule: OpaquePointer?) { release(rule, Rule.self) }

@_cdecl("snn_stopping_rule_observe")
@implementation
public func snn_stopping_rule_observe(
  _ rule: OpaquePointer?, _ names: UnsafePointer<UnsafePointer<CChar>?>?, _ values: UnsafePointer<Double>?,
  _ count: Int, _ epoch: Int64, _ verdict: UnsafeMutablePointer<snn_stopping_verdict>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let function: StaticString = "snn_stopping_rule_observe"
    let (rule, verdict) = (try stoppingRule(rule, function), try required(verdict, function, "verdict"))
    let names = try words(names, count, function, "names")
    let numbers = UnsafeBufferPointer(start: count == 0 ? nil : try required(values, function, "values"), count: count)
    let found = try rule.observe(zip(names, numbers).map { ($0, $1) }, epoch: Int(epoch))
    verdict.pointee = snn_stopping_verdict(is_best: found.isBest, reason: found.reason.map(ownedText))
  }
}

@_cdecl("snn_stopping_rule_reset")
@implementation
public func snn_stopping_rule_reset(_ rule: OpaquePointer?) { object(rule, Rule.self)?.rule.reset() }

@_cdecl("snn_stopping_rule_state")
@implementation
public func snn_stopping_rule_state(
  _ rule: OpaquePointer?, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let rule = try stoppingRule(rule, "snn_stopping_rule_state")
    try required(json, "snn_stopping_rule_state", "json").pointee = ownedText(rule.state)
  }
}

@_cdecl("snn_stopping_rule_load_state")
@implementation
public func snn_stopping_rule_load_state(
  _ rule: OpaquePointer?, _ json: UnsafePointer<CChar>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let rule = try stoppingRule(rule, "snn_stopping_rule_load_state")
    try rule.load(state: String(cString: required(json, "snn_stopping_rule_load_state", "json")))
  }
}
