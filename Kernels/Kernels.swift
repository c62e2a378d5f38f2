/// The GLSL of the compute kernels, as it stands in `Kernels/GLSL`.
public enum KernelSource {
  // SwiftPM embeds every file of GLSL/, as `X_ext` for `X.ext`. A new file needs its line here.
  private static let files: [(name: String, bytes: [UInt8])] = [
    ("Access.glsl", PackageResources.Access_glsl),
    ("Common.glsl", PackageResources.Common_glsl),
    ("Elementwise.comp", PackageResources.Elementwise_comp),
    ("Encodings.glsl", PackageResources.Encodings_glsl),
    ("Functions.glsl", PackageResources.Functions_glsl),
    ("Gather.comp", PackageResources.Gather_comp),
    ("Indices.glsl", PackageResources.Indices_glsl),
    ("Keys.glsl", PackageResources.Keys_glsl),
    ("Lines.glsl", PackageResources.Lines_glsl),
    ("Matmul.comp", PackageResources.Matmul_comp),
    ("Matmul.glsl", PackageResources.Matmul_glsl),
    ("MatmulShared.comp", PackageResources.MatmulShared_comp),
    ("Merge.comp", PackageResources.Merge_comp),
    ("Reduce.comp", PackageResources.Reduce_comp),
    ("Reductions.glsl", PackageResources.Reductions_glsl),
    ("Rowwise.comp", PackageResources.Rowwise_comp),
    ("Scan.comp", PackageResources.Scan_comp),
    ("Scatter.comp", PackageResources.Scatter_comp),
    ("Search.comp", PackageResources.Search_comp),
    ("Softmax.comp", PackageResources.Softmax_comp),
    ("Sort.comp", PackageResources.Sort_comp),
    ("Window.comp", PackageResources.Window_comp),
  ]

  /// Every file's text by its name, such as `Common.glsl`.
  public static let all: [String: String] = Dictionary(
    uniqueKeysWithValues: files.map { ($0.name, String(decoding: $0.bytes, as: UTF8.self)) })

  /// The text of one file, or `nil` if there is none of that name.
  public static func text(_ name: String) -> String? {
    all[name]
  }
}
