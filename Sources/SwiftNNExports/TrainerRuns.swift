import CSwiftNN
import SwiftNN

/// Calls `body` with the event as C reads it.
private func withEvent<Result>(
  _ event: TrainingEvent, _ trainer: TrainerHandle, _ body: (UnsafePointer<snn_training_event>) -> Result
) -> Result {
  let names = event.values.map { Optional(trainer.shown($0.name)) }
  return names.withUnsafeBufferPointer { names in
    event.values.map(\.value).withUnsafeBufferPointer { values in
      event.text.withCString { text in
        var shown = snn_training_event()
        shown.size = MemoryLayout<snn_training_event>.size
        shown.kind = snn_training_event_kind(rawValue: UInt32(event.kind.rawValue))
        shown.epoch = Int64(event.epoch)
        shown.epochs = Int64(event.epochs)
        shown.batch = Int64(event.batch)
        shown.batch_count = Int64(event.batchCount ?? -1)
        shown.examples = Int64(event.examples)
        shown.step = Int64(event.step)
        shown.loss = event.loss
        shown.value_count = values.count
        shown.names = names.baseAddress
        shown.values = values.baseAddress
        shown.text = text
        return body(&shown)
      }
    }
  }
}

@_cdecl("snn_trainer_add_callback")
@implementation
public func snn_trainer_add_callback(
  _ trainer: OpaquePointer?, _ callback: snn_training_callback?, _ user: UnsafeMutableRawPointer?,
  _ destructor: snn_destructor?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let trainer: TrainerHandle = try required(trainer, "snn_trainer_add_callback", "trainer")
    let function = try required(callback, "snn_trainer_add_callback", "callback")
    let kept = Callback(user, destructor)
    trainer.trainer.on { [unowned trainer] event in
      let status = withEvent(event, trainer) { function(kept.user, $0) }
      guard status == 0 else { throw SNNError(.callback, "fit: the callback returned status \(status)") }
    }
  }
}

@_cdecl("snn_trainer_show_progress")
@implementation
public func snn_trainer_show_progress(
  _ trainer: OpaquePointer?, _ write: snn_text_writer?, _ user: UnsafeMutableRawPointer?, _ columns: Int32,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let trainer = try SwiftNNExports.trainer(trainer, "snn_trainer_show_progress")
    let write = try required(write, "snn_trainer_show_progress", "write")
    guard columns >= 0, columns <= 1 << 16 else {
      throw SNNError(.argument, "snn_trainer_show_progress: expects at least 0 columns, got \(columns)")
    }
    let progress = ProgressText(columns: Int(columns)) { write(user, $0) }
    trainer.on { progress.tell($0) }
  }
}

@_cdecl("snn_trainer_fit")
@implementation
public func snn_trainer_fit(
  _ trainer: OpaquePointer?, _ training: OpaquePointer?, _ validation: OpaquePointer?, _ epochs: Int64,
  _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let trainer = try SwiftNNExports.trainer(trainer, "snn_trainer_fit")
    let training = try batchSource(training, "snn_trainer_fit", "training")
    let other = validation == nil ? nil : try batchSource(validation, "snn_trainer_fit", "validation")
    try trainer.fit(training, validation: other, epochs: Int(epochs))
  }
}

@_cdecl("snn_trainer_stop")
@implementation
public func snn_trainer_stop(_ trainer: OpaquePointer?) { object(trainer, TrainerHandle.self)?.trainer.stop() }

@_cdecl("snn_trainer_evaluate")
@implementation
public func snn_trainer_evaluate(
  _ trainer: OpaquePointer?, _ loader: OpaquePointer?, _ values: UnsafeMutablePointer<Double>?, _ capacity: Int,
  _ count: UnsafeMutablePointer<Int>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let trainer = try SwiftNNExports.trainer(trainer, "snn_trainer_evaluate")
    let found = try trainer.evaluate(batchSource(loader, "snn_trainer_evaluate", "loader"))
    try write(found.map(\.value), values, capacity, count, "snn_trainer_evaluate")
  }
}

@_cdecl("snn_trainer_predict")
@implementation
public func snn_trainer_predict(
  _ trainer: OpaquePointer?, _ loader: OpaquePointer?, _ results: UnsafeMutablePointer<OpaquePointer?>?,
  _ capacity: Int, _ result_count: UnsafeMutablePointer<Int>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let trainer = try SwiftNNExports.trainer(trainer, "snn_trainer_predict")
    let found = try trainer.predict(batchSource(loader, "snn_trainer_predict", "loader"))
    try write(found, results, capacity, result_count, "snn_trainer_predict")
  }
}

@_cdecl("snn_trainer_save")
@implementation
public func snn_trainer_save(
  _ trainer: OpaquePointer?, _ training: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let trainer = try SwiftNNExports.trainer(trainer, "snn_trainer_save")
    let path = String(cString: try required(path, "snn_trainer_save", "path"))
    try trainer.save(to: path, batchSource(training, "snn_trainer_save", "training"))
  }
}

@_cdecl("snn_trainer_load")
@implementation
public func snn_trainer_load(
  _ trainer: OpaquePointer?, _ training: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let trainer = try SwiftNNExports.trainer(trainer, "snn_trainer_load")
    let path = String(cString: try required(path, "snn_trainer_load", "path"))
    try trainer.load(from: path, batchSource(training, "snn_trainer_load", "training"))
  }
}

// MARK: What has come of it

@_cdecl("snn_trainer_epoch")
@implementation
public func snn_trainer_epoch(_ trainer: OpaquePointer?) -> Int64 {
  Int64(object(trainer, TrainerHandle.self)?.trainer.epoch ?? -1)
}

@_cdecl("snn_trainer_step")
@implementation
public func snn_trainer_step(_ trainer: OpaquePointer?) -> Int64 {
  Int64(object(trainer, TrainerHandle.self)?.trainer.step ?? -1)
}

@_cdecl("snn_trainer_end_reason")
@implementation
public func snn_trainer_end_reason(_ trainer: OpaquePointer?) -> UnsafePointer<CChar>? {
  object(trainer, TrainerHandle.self)?.shownReason()
}

@_cdecl("snn_trainer_best")
@implementation
public func snn_trainer_best(
  _ trainer: OpaquePointer?, _ epoch: UnsafeMutablePointer<Int64>?, _ value: UnsafeMutablePointer<Double>?
) -> Bool {
  guard let best = object(trainer, TrainerHandle.self)?.trainer.best else { return false }
  epoch?.pointee = Int64(best.epoch)
  value?.pointee = best.value
  return true
}

@_cdecl("snn_trainer_history")
@implementation
public func snn_trainer_history(
  _ trainer: OpaquePointer?, _ out: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPointer
) -> snn_status {
  guarded(error) { () throws(SNNError) in
    let trainer = try SwiftNNExports.trainer(trainer, "snn_trainer_history")
    try required(out, "snn_trainer_history", "out").pointee = handle(KeptHistory(trainer.history))
  }
}
