/** Execution providers of ONNX Runtime in the order of preference; cuda is there only where its provider library is installed. */
export const PROVIDERS: readonly string[] = ["cuda", "cpu"];
