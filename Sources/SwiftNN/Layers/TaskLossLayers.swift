/// Losses of several tasks with something that is learned.
extension LayerDeclaration {
  private static let tasks = Field.int("num_tasks", in: 1...Double(1 << 20), "How many losses are given.")
  private static let given = Field.tensors("losses", "A number for each task.")

  static let uncertaintyLoss = LayerDeclaration(
    "UncertaintyLoss", Operation.uncertaintyLoss.doc,
    [tasks, Operation.uncertaintyLoss.fields[2], .dtype()], inputs: [given], held: [.parameter("log_variances")],
    text: "num_tasks classification?",
    initial: { options, _ in
      for position in options.ints(1) where position < 0 || position >= options.int(0) {
        throw SNNError.index("UncertaintyLoss: there is no task \(position) of \(options.int(0))")
      }
      return [try .zeros([options.int(0)], options.dtype(2) ?? .default)]
    },
    formula: { layer, options, inputs in
      try Operation.uncertaintyLoss.apply([inputs.values[0], .tensor(layer.parameter(0)), options.values[1]])
    })

  /// The weights are learned by `balance` alone, and the model by `total` alone.
  static let gradNorm = LayerDeclaration(
    "GradNorm",
    "The sum of losses by weights that are learned so that all tasks learn equally fast (Chen et al., 2018). A step of training: "
      + "call with the losses and the shared parameters, go backward from balance and then from total, let the optimizers change "
      + "weights and model. The next call brings the sum of the weights back to the number of tasks.",
    [tasks, Operation.gradNormLoss.fields[4], .dtype()],
    inputs: [
      given,
      Field(
        "shared", .tensors,
        "The parameters on which all losses depend, as those of the last shared layer; without them "
          + "there is no balance."
      ).optional,
    ],
    results: ["total", "balance"], held: [.parameter("weights"), .buffer("initial_losses")], text: "num_tasks alpha=",
    initial: { options, _ in
      let dtype = options.dtype(2) ?? .default
      return [try .ones([options.int(0)], dtype), try .zeros([options.int(0)], dtype)]
    },
    formula: { layer, options, inputs in
      let given = try inputs.tensors(0)
      let losses = try Tensor.tasks(given, "GradNorm")
      let weights = try layer.parameter(0)
      guard let initial = layer.held(1) else { throw SNNError.argument("GradNorm: cannot do without 'initial_losses'") }
      try losses.checkTasks(options.int(0), "weights", "GradNorm")
      if layer.isTraining {
        try Gradients.with(enabled: false) {
          try weights.copy(from: weights * (.float(Double(weights.count)) / weights.sum()))
          // Zeros stand for losses that are not known yet.
          try initial.copy(from: Tensor.where((initial == 0).all(), losses, initial))
        }
      }
      let total = try (losses * weights.detach()).sum()
      guard !inputs.isNone(1) else { return [total, nil] }
      return [
        total,
        try Tensor.gradNorm(
          given, weights: weights, shared: inputs.tensors(1), initial: initial, alpha: options.float(1)),
      ]
    })
}
