import CSwiftNN
import SwiftNN

/// Writes a scheduler that `make` gives.
private func made(
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ function: StaticString, _ error: ErrorPointer,
  _ make: () throws(SNNError) -> Scheduler
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let out = try required(out, function, "out")
    out.pointee = handle(try make())
  }
}

/// A callback that keeps its user pointer for as long as `make` has something that calls it.
func withCallback<Result>(
  _ user: UnsafeMutableRawPointer?, _ destructor: snn_destructor?, _ make: (Callback) throws(SNNError) -> Result
) throws(SNNError) -> Result {
  let callback = Callback(user, destructor)
  do throws(SNNError) { return try make(callback) } catch {
    callback.disarm()
    throw error
  }
}

private func schedulers(
  _ handles: UnsafePointer<OpaquePointer?>?, _ count: Int, _ function: StaticString
) throws(SNNError) -> [Scheduler] {
  guard count >= 0, count <= 1 << 16 else { throw SNNError(.argument, "\(function): got \(count) schedules") }
  if count == 0 { return [] }
  let handles = try required(handles, function, "schedules")
  var all: [Scheduler] = []
  for i in 0..<count { all.append(try required(handles[i], function, "schedules")) }
  return all
}

@_cdecl("snn_schedule_new")
@implementation
public func snn_schedule_new(
  _ schedule: Int32, _ optimizer: OpaquePointer?, _ arguments: UnsafePointer<snn_value>?, _ argument_count: Int,
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  made(out, "snn_schedule_new", error) { () throws(SNNError) in
    guard Registry.schedules.indices.contains(Int(schedule)) else {
      throw SNNError(.name, "snn_schedule_new: there is no schedule number \(schedule)")
    }
    let declaration = Registry.schedules[Int(schedule)]
    return try declaration.make(
      required(optimizer, "snn_schedule_new", "optimizer"), values(arguments, argument_count, declaration.name))
  }
}

@_cdecl("snn_schedule_from_function")
@implementation
public func snn_schedule_from_function(
  _ optimizer: OpaquePointer?, _ kind: snn_rate_kind, _ function: snn_rate_function?,
  _ user: UnsafeMutableRawPointer?, _ destructor: snn_destructor?, _ last_epoch: Int64,
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  made(out, "snn_schedule_from_function", error) { () throws(SNNError) in
    let optimizer: Optimizer = try required(optimizer, "snn_schedule_from_function", "optimizer")
    let function = try required(function, "snn_schedule_from_function", "function")
    guard let meaning = RateFunction(rawValue: Int32(truncatingIfNeeded: kind.rawValue)) else {
      throw SNNError(.argument, "snn_schedule_from_function: there is no kind \(kind.rawValue)")
    }
    return try withCallback(user, destructor) { callback throws(SNNError) in
      try Scheduler.of(optimizer, meaning, lastEpoch: Int(last_epoch)) { scheduler, step, group in
        var result = 0.0
        let borrowed = OpaquePointer(Unmanaged.passUnretained(scheduler).toOpaque())
        let status = function(callback.user, borrowed, Int64(step), Int32(group), &result)
        guard status == 0 else {
          throw SNNError(.callback, "\(scheduler.name): the callback returned status \(status)")
        }
        return result
      }
    }
  }
}

@_cdecl("snn_schedule_sequence")
@implementation
public func snn_schedule_sequence(
  _ schedules: UnsafePointer<OpaquePointer?>?, _ count: Int, _ milestones: UnsafePointer<Int64>?,
  _ milestone_count: Int, _ last_epoch: Int64, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  made(out, "snn_schedule_sequence", error) { () throws(SNNError) in
    let all = try schedulers(schedules, count, "snn_schedule_sequence")
    guard milestone_count >= 0, milestone_count <= 1 << 16 else {
      throw SNNError(.argument, "snn_schedule_sequence: got \(milestone_count) milestones")
    }
    let places: [Int] =
      milestone_count == 0
      ? []
      : try UnsafeBufferPointer(
        start: required(milestones, "snn_schedule_sequence", "milestones"), count: milestone_count
      ).map { Int($0) }
    return try Scheduler.sequential(all, milestones: places, lastEpoch: Int(last_epoch))
  }
}

@_cdecl("snn_schedule_chain")
@implementation
public func snn_schedule_chain(
  _ schedules: UnsafePointer<OpaquePointer?>?, _ count: Int, _ out: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: ErrorPointer
) -> snn_status {
  made(out, "snn_schedule_chain", error) { () throws(SNNError) in
    try Scheduler.chained(schedulers(schedules, count, "snn_schedule_chain"))
  }
}

@_cdecl("snn_schedule_warmup")
@implementation
public func snn_schedule_warmup(
  _ schedule: OpaquePointer?, _ steps: Int64, _ start_factor: Double, _ exponential: Bool,
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  made(out, "snn_schedule_warmup", error) { () throws(SNNError) in
    try Scheduler.warmup(
      required(schedule, "snn_schedule_warmup", "schedule"), iterations: Int(steps), start: start_factor,
      isExponential: exponential)
  }
}

@_cdecl("snn_schedule_set_scale")
@implementation
public func snn_schedule_set_scale(
  _ schedule: OpaquePointer?, _ function: snn_scale_function?, _ user: UnsafeMutableRawPointer?,
  _ destructor: snn_destructor?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let scheduler: Scheduler = try required(schedule, "snn_schedule_set_scale", "schedule")
    let function = try required(function, "snn_schedule_set_scale", "function")
    try withCallback(user, destructor) { callback throws(SNNError) in
      try scheduler.setScale { number in
        var result = 0.0
        let status = function(callback.user, number, &result)
        guard status == 0 else { throw SNNError(.callback, "CyclicLR: the callback returned status \(status)") }
        return result
      }
    }
  }
}

@_cdecl("snn_schedule_retain")
@implementation
public func snn_schedule_retain(_ schedule: OpaquePointer?) -> OpaquePointer? { retain(schedule, Scheduler.self) }

@_cdecl("snn_schedule_release")
@implementation
public func snn_schedule_release(_ schedule: OpaquePointer?) { release(schedule, Scheduler.self) }

@_cdecl("snn_schedule_step")
@implementation
public func snn_schedule_step(_ schedule: OpaquePointer?, _ error: ErrorPointer) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let scheduler: Scheduler = try required(schedule, "snn_schedule_step", "schedule")
    try scheduler.step()
  }
}

@_cdecl("snn_schedule_step_to")
@implementation
public func snn_schedule_step_to(_ schedule: OpaquePointer?, _ step: Double, _ error: ErrorPointer) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let scheduler: Scheduler = try required(schedule, "snn_schedule_step_to", "schedule")
    try scheduler.step(to: step)
  }
}

@_cdecl("snn_schedule_step_metric")
@implementation
public func snn_schedule_step_metric(_ schedule: OpaquePointer?, _ metric: Double, _ error: ErrorPointer) -> snn_status
{
  guarded(error) { () throws(SNNError) in
    let scheduler: Scheduler = try required(schedule, "snn_schedule_step_metric", "schedule")
    try scheduler.step(metric: metric)
  }
}

@_cdecl("snn_schedule_position")
@implementation
public func snn_schedule_position(_ schedule: OpaquePointer?) -> Int64 {
  Int64(object(schedule, Scheduler.self)?.currentStep ?? -1)
}

@_cdecl("snn_schedule_rates")
@implementation
public func snn_schedule_rates(
  _ schedule: OpaquePointer?, _ rates: UnsafeMutablePointer<Double>?, _ capacity: Int,
  _ count: UnsafeMutablePointer<Int>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let scheduler: Scheduler = try required(schedule, "snn_schedule_rates", "schedule")
    try write(scheduler.rates, rates, capacity, count, "snn_schedule_rates")
  }
}

@_cdecl("snn_schedule_at")
@implementation
public func snn_schedule_at(
  _ schedule: OpaquePointer?, _ step: Int64, _ rates: UnsafeMutablePointer<Double>?, _ capacity: Int,
  _ count: UnsafeMutablePointer<Int>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let scheduler: Scheduler = try required(schedule, "snn_schedule_at", "schedule")
    try write(scheduler.rates(at: Int(step)), rates, capacity, count, "snn_schedule_at")
  }
}

/// Writes numbers into an array of the caller, and how many there are.
func write(
  _ numbers: [Double], _ out: UnsafeMutablePointer<Double>?, _ capacity: Int, _ count: UnsafeMutablePointer<Int>?,
  _ function: StaticString
) throws(SNNError) {
  guard capacity >= numbers.count else {
    count?.pointee = numbers.count
    throw SNNError(.capacity, "\(function): has \(numbers.count) results, and room for \(capacity)")
  }
  if !numbers.isEmpty { try required(out, function, "numbers").update(from: numbers, count: numbers.count) }
  count?.pointee = numbers.count
}

@_cdecl("snn_schedule_state")
@implementation
public func snn_schedule_state(
  _ schedule: OpaquePointer?, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let scheduler: Scheduler = try required(schedule, "snn_schedule_state", "schedule")
    try required(json, "snn_schedule_state", "json").pointee = ownedText(scheduler.state)
  }
}

@_cdecl("snn_schedule_load_state")
@implementation
public func snn_schedule_load_state(
  _ schedule: OpaquePointer?, _ json: UnsafePointer<CChar>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let scheduler: Scheduler = try required(schedule, "snn_schedule_load_state", "schedule")
    try scheduler.load(state: String(cString: required(json, "snn_schedule_load_state", "json")))
  }
}
