"""Small and fast models: quantization, pruning, distillation, ONNX, deadlines."""
