import protobuf from "protobufjs";

/** The part of ONNX's own schema (onnx.proto, IR version 8) that is read and written here; field numbers are theirs. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message ModelProto { int64 ir_version = 1; GraphProto graph = 7; repeated OperatorSetIdProto opset_import = 8; }
  message OperatorSetIdProto { string domain = 1; int64 version = 2; }
  message GraphProto {
    repeated NodeProto node = 1;
    string name = 2;
    repeated TensorProto initializer = 5;
    repeated ValueInfoProto input = 11;
    repeated ValueInfoProto output = 12;
  }
  message NodeProto { repeated string input = 1; repeated string output = 2; string op_type = 4; }
  message TensorProto { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
  message ValueInfoProto { string name = 1; TypeProto type = 2; }
  message TypeProto { TensorTypeProto tensor_type = 1; }
  message TensorTypeProto { int32 elem_type = 1; TensorShapeProto shape = 2; }
  message TensorShapeProto { repeated DimensionProto dim = 1; }
  message DimensionProto { int64 dim_value = 1; string dim_param = 2; }
`);
const modelProto = root.lookupType("ModelProto");

/** TensorProto.DataType.FLOAT. */
export const FLOAT = 1;

/** A value that enters or leaves a graph. */
export interface OnnxValue {
  readonly name: string;
  readonly type?: {
    readonly tensorType: {
      readonly elemType: number;
      /** A size that is only known when the graph runs has a name (`dimParam`) or nothing in place of `dimValue`. */
      readonly shape: { readonly dim: readonly { readonly dimValue?: number; readonly dimParam?: string }[] };
    };
  };
}

/** A graph as it lies in an ONNX file. */
export interface OnnxGraph {
  readonly name: string;
  readonly node: readonly { readonly opType: string; readonly input: string[]; readonly output: string[] }[];
  readonly initializer: readonly {
    readonly name: string;
    readonly dims: readonly number[];
    readonly dataType: number;
    readonly rawData: Uint8Array;
  }[];
  readonly input: readonly OnnxValue[];
  readonly output: readonly OnnxValue[];
}

/** Reads the graph of an ONNX file. */
export function readOnnx(file: Uint8Array): OnnxGraph {
  const { graph } = modelProto.toObject(modelProto.decode(file), { longs: Number, arrays: true });
  return graph as OnnxGraph;
}

/** Writes a graph of standard operators as an ONNX file. */
export function writeOnnx(graph: OnnxGraph): Uint8Array {
  const model = { irVersion: 8, opsetImport: [{ domain: "", version: 17 }], graph };
  return modelProto.encode(modelProto.fromObject(model)).finish();
}

/** An ONNX file whose graph also gives out the values of these names. Protobuf merges what is appended to a message. */
export function withOutputs(file: Uint8Array, names: readonly string[]): Uint8Array {
  const addition = modelProto.fromObject({ graph: { output: names.map((name) => ({ name })) } });
  return Buffer.concat([file, modelProto.encode(addition).finish()]);
}
