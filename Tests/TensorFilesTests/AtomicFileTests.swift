import Glibc
import Testing

@testable import TensorFiles

private func contents(_ path: String) -> String? {
  guard let file = fopen(path, "re") else { return nil }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  while case let byte = fgetc(file), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
  return String(decoding: bytes, as: UTF8.self)
}

@Suite("Atomic files")
struct AtomicFileTests {
  @Test("A file is written whole, and replaced whole")
  func writing() throws {
    try withDirectory { directory in
      let path = directory + "/out.json"
      try AtomicFile.write("first\n", to: path)
      #expect(contents(path) == "first\n")
      chmod(path, 0o640)
      let long = String(repeating: "0123456789", count: 100_000)
      try AtomicFile.write(long, to: path)
      #expect(contents(path) == long)
      #expect(listing(directory) == ["out.json"])
      var status = stat()
      #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o640)
    }
  }

  @Test("A symbolic link is followed")
  func links() throws {
    try withDirectory { directory in
      let (target, link) = (directory + "/target", directory + "/link")
      try AtomicFile.write("old", to: target)
      try #require(symlink(target, link) == 0)
      try AtomicFile.write("new", to: link)
      #expect(contents(target) == "new")
      var status = stat()
      #expect(lstat(link, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
    }
  }

  @Test("A symbolic link to a file that is not there yet makes that file")
  func linksToNothing() throws {
    try withDirectory { directory in
      let (first, second) = (directory + "/first", directory + "/second")
      try #require(symlink("second", first) == 0 && symlink("new.json", second) == 0)
      #expect(AtomicFile.obstacle(to: first) == nil)
      try AtomicFile.write("new", to: first)
      #expect(contents(directory + "/new.json") == "new")
      try #require(symlink("none/out.json", directory + "/astray") == 0)
      try #require(symlink("circle", directory + "/circle") == 0)
      for (name, code) in [("/astray", ENOENT), ("/circle", ELOOP)] {
        #expect(AtomicFile.obstacle(to: directory + name) != nil)
        let failure = #expect(throws: FileWriteFailure.self) {
          try AtomicFile.write("x", to: directory + name)
        }
        #expect(failure?.code == code)
      }
      for name in listing(directory) where name != "new.json" {
        var status = stat()
        #expect(lstat(directory + "/" + name, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
      }
    }
  }

  @Test("What fails on the way leaves the old file and no other")
  func failureOnTheWay() throws {
    try withDirectory { directory in
      let path = directory + "/out.json"
      try AtomicFile.write("old", to: path)
      let failure = #expect(throws: FileWriteFailure.self) {
        try AtomicFile.write(to: path) { descriptor throws(FileWriteFailure) in
          try [1, 2].withUnsafeBufferPointer { half throws(FileWriteFailure) in
            try AtomicFile.writeAll(UnsafeRawBufferPointer(half), to: descriptor, path: path)
          }
          throw FileWriteFailure(path: path, code: ENOSPC)
        }
      }
      #expect(failure?.code == ENOSPC)
      #expect(contents(path) == "old")
      #expect(listing(directory) == ["out.json"])
    }
  }

  @Test("A full device is an error and stays a device")
  func fullDevice() throws {
    let failure = #expect(throws: FileWriteFailure.self) {
      try AtomicFile.write("x", to: "/dev/full")
    }
    #expect(failure?.code == ENOSPC)
    #expect(failure?.description == "cannot write /dev/full: No space left on device")
    var status = stat()
    #expect(stat("/dev/full", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
  }

  @Test("Places that cannot be written to")
  func impossiblePlaces() throws {
    try withDirectory { directory in
      let missing = #expect(throws: FileWriteFailure.self) {
        try AtomicFile.write("x", to: directory + "/none/out.json")
      }
      #expect(missing?.code == ENOENT)
      let isDirectory = #expect(throws: FileWriteFailure.self) {
        try AtomicFile.write("x", to: directory)
      }
      #expect(isDirectory?.code == EISDIR)
      let tooLong = #expect(throws: FileWriteFailure.self) {
        try AtomicFile.write("x", to: directory + "/" + String(repeating: "n", count: 300))
      }
      #expect(tooLong?.code == ENAMETOOLONG)
      #expect(throws: FileWriteFailure.self) { try AtomicFile.write("x", to: "") }
      #expect(listing(directory).isEmpty, "something was left behind")
    }
  }

  @Test("What will keep a file from being written is known before")
  func obstacles() throws {
    try withDirectory { directory in
      #expect(AtomicFile.obstacle(to: directory + "/out.json") == nil)
      #expect(AtomicFile.obstacle(to: "/dev/null") == nil)
      let file = directory + "/file"
      try AtomicFile.write("x", to: file)
      #expect(AtomicFile.obstacle(to: file) == nil)
      let said = [
        (directory, "which is a folder"), ("", "which is no file's name"),
        (file + "/out.json", "Not a directory"), ("/proc/out.json", "No such file"),
        (directory + "/none/out.json", "whose folder cannot be written to: No such file"),
        (directory + "/" + String(repeating: "n", count: 300), "File name too long"),
      ]
      for (path, words) in said {
        #expect(AtomicFile.obstacle(to: path)?.contains(words) == true, "of \(path)")
        #expect(throws: FileWriteFailure.self) { try AtomicFile.write("x", to: path) }
      }
      #expect(listing(directory) == ["file"], "something was left behind")
    }
  }
}
