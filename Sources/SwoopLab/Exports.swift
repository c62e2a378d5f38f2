// Reports are written as tensors are: whole or not at all.
@_exported import enum TensorFiles.AtomicFile
@_exported import struct TensorFiles.FileWriteFailure
