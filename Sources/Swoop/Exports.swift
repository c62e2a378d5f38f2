// The face of the library: `import Swoop` is all a user writes.
@_exported import SwoopCore
