/// The GLSL of the compute kernels, as it stands in `Kernels/GLSL`.
public enum KernelSource {
  // SwiftPM embeds every file of GLSL/, as `X_ext` for `X.ext`. A new file needs its line here.
  private static let files: [(name: String, bytes: [UInt8])] = [
    ("Access.glsl", PackageResources.Access_glsl),
    ("CheckedMain.glsl", PackageResources.CheckedMain_glsl),
    ("Common.glsl", PackageResources.Common_glsl),
    ("Elementwise.comp", PackageResources.Elementwise_comp),
    ("Encodings.glsl", PackageResources.Encodings_glsl),
    ("ErrorFunctions.glsl", PackageResources.ErrorFunctions_glsl),
    ("Exact.glsl", PackageResources.Exact_glsl),
    ("Exponentials.glsl", PackageResources.Exponentials_glsl),
    ("Functions.glsl", PackageResources.Functions_glsl),
    ("Gather.comp", PackageResources.Gather_comp),
    ("Indices.glsl", PackageResources.Indices_glsl),
    ("Join.comp", PackageResources.Join_comp),
    ("Keys.glsl", PackageResources.Keys_glsl),
    ("Lines.glsl", PackageResources.Lines_glsl),
    ("Logarithms.glsl", PackageResources.Logarithms_glsl),
    ("Matmul.comp", PackageResources.Matmul_comp),
    ("Matmul.glsl", PackageResources.Matmul_glsl),
    ("MatmulShared.comp", PackageResources.MatmulShared_comp),
    ("Merge.comp", PackageResources.Merge_comp),
    ("Moving.glsl", PackageResources.Moving_glsl),
    ("Place.comp", PackageResources.Place_comp),
    ("Powers.glsl", PackageResources.Powers_glsl),
    ("Random.comp", PackageResources.Random_comp),
    ("Reduce.comp", PackageResources.Reduce_comp),
    ("Reductions.glsl", PackageResources.Reductions_glsl),
    ("Remainders.glsl", PackageResources.Remainders_glsl),
    ("Rowwise.comp", PackageResources.Rowwise_comp),
    ("Scan.comp", PackageResources.Scan_comp),
    ("Scatter.comp", PackageResources.Scatter_comp),
    ("Search.comp", PackageResources.Search_comp),
    ("Softmax.comp", PackageResources.Softmax_comp),
    ("Sort.comp", PackageResources.Sort_comp),
    ("Through.glsl", PackageResources.Through_glsl),
    ("Trigonometry.glsl", PackageResources.Trigonometry_glsl),
    ("Unview.comp", PackageResources.Unview_comp),
    ("Window.comp", PackageResources.Window_comp),
  ]

  /// Every file's text by its name, such as `Common.glsl`.
  public static let all: [String: String] = Dictionary(
    uniqueKeysWithValues: files.map { ($0.name, String(decoding: $0.bytes, as: UTF8.self)) })

  /// The macro that makes Elementwise.comp include the file with a function: reading all of them
  /// would take the compiler longer than the rest. None for those of Functions.glsl.
  public static func inclusion(of function: String) -> String? {
    inclusions[function]
  }

  private static let inclusions: [String: String] = {
    var result: [String: String] = [:]
    for (name, macro) in optional {
      for line in (all[name] ?? "").split(separator: "\n") {
        for start in ["EACH(", "EACH_PAIR("] where line.hasPrefix(start) {
          result["op_" + line.dropFirst(start.count).prefix { $0 != ")" }] = macro
        }
      }
    }
    return result
  }()

  private static let optional = [
    "ErrorFunctions.glsl": "ERROR_FUNCTIONS", "Exponentials.glsl": "EXPONENTIALS",
    "Logarithms.glsl": "LOGARITHMS", "Powers.glsl": "POWERS", "Remainders.glsl": "REMAINDERS",
    "Trigonometry.glsl": "TRIGONOMETRY",
  ]

  /// The text of one file, or `nil` if there is none of that name.
  public static func text(_ name: String) -> String? {
    all[name]
  }
}
