import CSwiftNN
import SwiftNN

/// A trainer, and what C reads of it.
final class TrainerHandle: @unchecked Sendable {
  let trainer: Trainer
  /// Names of the history, kept as long as this.
  private var names: [String: UnsafeMutablePointer<CChar>] = [:]
  private var reason: UnsafeMutablePointer<CChar>?

  init(_ trainer: Trainer) { self.trainer = trainer }

  deinit {
    for name in names.values { name.deallocate() }
    reason?.deallocate()
  }

  func shown(_ name: String) -> UnsafePointer<CChar> {
    let text = names[name] ?? ownedText(name)
    names[name] = text
    return UnsafePointer(text)
  }

  func shownReason() -> UnsafePointer<CChar>? {
    reason?.deallocate()
    reason = trainer.endReason.map(ownedText)
    return UnsafePointer(reason)
  }
}

func trainer(_ handle: OpaquePointer?, _ function: StaticString) throws(SNNError) -> Trainer {
  let found: TrainerHandle = try required(handle, function, "trainer")
  return found.trainer
}

private func clipping(_ options: snn_trainer_options) throws(SNNError) -> Clipping? {
  guard let word = options.clip.map({ String(cString: $0) }) else { return nil }
  let (limit, p) = (options.clip_limit, options.clip_order == 0 ? 2 : options.clip_order)
  guard limit > 0 else { throw SNNError(.argument, "snn_trainer_new: expects a clip_limit above 0, got \(limit)") }
  switch word {
  case "norm": return .norm(limit, p: p)
  case "value": return .value(limit)
  case "each": return .each(limit, p: p)
  case "adaptive": return .adaptive(factor: limit)
  default: throw SNNError(.name, "snn_trainer_new: there is no clip '\(word)'")
  }
}

private func policy(_ options: snn_trainer_options) throws(SNNError) -> CheckpointPolicy? {
  guard let folder = options.folder else { return nil }
  for number in [options.save_epochs, options.save_steps, options.keep_epochs] where number < -1 || number > 1 << 53 {
    throw SNNError(.argument, "snn_trainer_new: expects numbers of epochs and steps, got \(number)")
  }
  var policy = CheckpointPolicy(folder: String(cString: folder))
  policy.everyEpochs = options.save_epochs == 0 ? 1 : max(Int(options.save_epochs), 0)
  policy.everySteps = max(Int(options.save_steps), 0)
  policy.keepsEvery = max(Int(options.keep_epochs), 0)
  policy.keepsBest = !options.without_best
  return policy
}

private func apply(_ options: snn_trainer_options, to trainer: Trainer) throws(SNNError) {
  guard options.inputs >= 0, options.inputs <= 1 << 20 else {
    throw SNNError(.argument, "snn_trainer_new: expects at least 0 inputs, got \(options.inputs)")
  }
  guard options.accumulation >= 0, options.accumulation <= 1 << 24 else {
    throw SNNError(.argument, "snn_trainer_new: expects an accumulation of at least 0, got \(options.accumulation)")
  }
  trainer.inputCount = options.inputs == 0 ? nil : Int(options.inputs)
  trainer.accumulation = max(Int(options.accumulation), 1)
  trainer.monitor = options.monitor.map { String(cString: $0) }
  if let mode = options.mode.map({ String(cString: $0) }) {
    guard mode == "min" || mode == "max" else {
      throw SNNError(.name, "snn_trainer_new: mode must be one of min, max, got '\(mode)'")
    }
    trainer.monitorPrefersLess = mode == "min"
  }
  trainer.restoresBest = options.restore_best
  trainer.clipping = try clipping(options)
  trainer.checkpoints = try policy(options)
}

@_cdecl("snn_trainer_new")
@implementation
public func snn_trainer_new(
  _ model: OpaquePointer?, _ loss: OpaquePointer?, _ optimizer: OpaquePointer?,
  _ options: UnsafePointer<snn_trainer_options>?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let model: Module = try required(model, "snn_trainer_new", "model")
    let loss: Module = try required(loss, "snn_trainer_new", "loss")
    let out = try required(out, "snn_trainer_new", "out")
    let trainer = Trainer(
      model.layer, loss: loss.layer, optimizer: try required(optimizer, "snn_trainer_new", "optimizer"))
    if let options { try apply(options.pointee, to: trainer) }
    out.pointee = handle(TrainerHandle(trainer))
  }
}

@_cdecl("snn_trainer_retain")
@implementation
public func snn_trainer_retain(_ trainer: OpaquePointer?) -> OpaquePointer? { retain(trainer, TrainerHandle.self) }

@_cdecl("snn_trainer_release")
@implementation
public func snn_trainer_release(_ trainer: OpaquePointer?) { release(trainer, TrainerHandle.self) }

@_cdecl("snn_trainer_set_schedule")
@implementation
public func snn_trainer_set_schedule(
  _ trainer: OpaquePointer?, _ schedule: OpaquePointer?, _ by_step: Bool, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let trainer = try SwiftNNExports.trainer(trainer, "snn_trainer_set_schedule")
    let scheduler: Scheduler = try required(schedule, "snn_trainer_set_schedule", "schedule")
    trainer.schedule = (scheduler, by_step ? .step : .epoch)
  }
}

@_cdecl("snn_trainer_set_stopping")
@implementation
public func snn_trainer_set_stopping(
  _ trainer: OpaquePointer?, _ rule: OpaquePointer?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let trainer = try SwiftNNExports.trainer(trainer, "snn_trainer_set_stopping")
    trainer.stopping = try stoppingRule(rule, "snn_trainer_set_stopping")
  }
}

@_cdecl("snn_trainer_add_metric")
@implementation
public func snn_trainer_add_metric(
  _ trainer: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ metric: OpaquePointer?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let trainer = try SwiftNNExports.trainer(trainer, "snn_trainer_add_metric")
    let name = String(cString: try required(name, "snn_trainer_add_metric", "name"))
    guard !trainer.metrics.contains(where: { $0.name == name }), name != "loss" else {
      throw SNNError(.argument, "snn_trainer_add_metric: there is a '\(name)' already")
    }
    trainer.metrics.append((name, try SwiftNNExports.metric(metric, "snn_trainer_add_metric")))
  }
}

@_cdecl("snn_trainer_add_penalty")
@implementation
public func snn_trainer_add_penalty(
  _ trainer: OpaquePointer?, _ kind: UnsafePointer<CChar>?, _ strength: Double,
  _ options: UnsafePointer<snn_penalty_options>?, _ selected: UnsafePointer<snn_selection>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let trainer = try SwiftNNExports.trainer(trainer, "snn_trainer_add_penalty")
    let penalty = try penalty(kind, strength, options, "snn_trainer_add_penalty")
    let anchors = options?.pointee.anchors
    let count = anchors == nil ? 0 : trainer.model.namedParameters.count
    trainer.penalties.append(
      PenaltyTerm(
        penalty, try selection(selected, "snn_trainer_add_penalty"),
        anchors: try tensors(anchors, count, "snn_trainer_add_penalty", "anchors")))
  }
}

@_cdecl("snn_trainer_add_proximal_l1")
@implementation
public func snn_trainer_add_proximal_l1(
  _ trainer: OpaquePointer?, _ strength: Double, _ selected: UnsafePointer<snn_selection>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let trainer = try SwiftNNExports.trainer(trainer, "snn_trainer_add_proximal_l1")
    guard strength >= 0 else {
      throw SNNError(.argument, "snn_trainer_add_proximal_l1: expects a strength of at least 0, got \(strength)")
    }
    trainer.constraints.append(
      .proximalL1(strength: strength, try selection(selected, "snn_trainer_add_proximal_l1")))
  }
}

@_cdecl("snn_trainer_add_max_norm")
@implementation
public func snn_trainer_add_max_norm(
  _ trainer: OpaquePointer?, _ max_norm: Double, _ p: Double, _ dim: Int64, _ selected: UnsafePointer<snn_selection>?,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let trainer = try SwiftNNExports.trainer(trainer, "snn_trainer_add_max_norm")
    guard max_norm >= 0 else {
      throw SNNError(.argument, "snn_trainer_add_max_norm: expects a norm of at least 0, got \(max_norm)")
    }
    trainer.constraints.append(
      .maxNorm(max_norm, p: p, dim: Int(dim), try selection(selected, "snn_trainer_add_max_norm")))
  }
}

@_cdecl("snn_trainer_add_transform")
@implementation
public func snn_trainer_add_transform(
  _ trainer: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ transform: OpaquePointer?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let trainer = try SwiftNNExports.trainer(trainer, "snn_trainer_add_transform")
    let name = String(cString: try required(name, "snn_trainer_add_transform", "name"))
    guard !trainer.transforms.contains(where: { $0.name == name }) else {
      throw SNNError(.argument, "snn_trainer_add_transform: there is a '\(name)' already")
    }
    trainer.transforms.append((name, try SwiftNNExports.transform(transform, "snn_trainer_add_transform")))
  }
}

@_cdecl("snn_trainer_set_note")
@implementation
public func snn_trainer_set_note(
  _ trainer: OpaquePointer?, _ key: UnsafePointer<CChar>?, _ value: UnsafePointer<CChar>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let trainer = try SwiftNNExports.trainer(trainer, "snn_trainer_set_note")
    let key = String(cString: try required(key, "snn_trainer_set_note", "key"))
    let value = String(cString: try required(value, "snn_trainer_set_note", "value"))
    trainer.notes.removeAll { $0.key == key }
    trainer.notes.append((key, value))
  }
}
