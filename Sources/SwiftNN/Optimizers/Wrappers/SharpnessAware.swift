extension WrapperDeclaration {
  static let sharpnessAware = WrapperDeclaration(
    "SAM",
    "Takes the gradient where the loss is greatest nearby (Foret et al. 2021); steps need a closure or first_step.",
    [
      .positive("rho", 0.05, "Invalid rho, should be non-negative", "How far away that is."),
      .bool("adaptive", default: false, "Measures by the size of each element (Kwon et al. 2021)."),
    ]
  ) { o in SharpnessAware(rho: o.float("rho"), adaptive: o.bool("adaptive")) }

  private struct SharpnessAware: StepWrapper {
    let rho: Double
    let adaptive: Bool
    let makesExcursions = true

    func excursion(_ moving: [Moving]) throws(SNNError) -> [Tensor]? {
      var squares = 0.0
      var directions: [Tensor] = []
      for one in moving {
        let x = try one.parameter.cast(to: one.parameter.dtype.working)
        let g = try one.gradient.cast(to: x.dtype)
        let length = try (adaptive ? x.abs() * g : g).norm().item().double
        squares += length * length
        directions.append(try adaptive ? x * x * g : g)
      }
      let scale = rho / (squares.squareRoot() + 1e-12)
      var all: [Tensor] = []
      for direction in directions { all.append(try direction * .float(scale)) }
      return all
    }
  }
}
