/**
 * Gives memory back that the process holds and does not need, such as what loading the program or a rush of requests left behind.
 * Node does not do so by itself while little goes on. It holds up whoever asks in that moment for about 150 ms. Works under
 * `--expose-gc`, with which `bin/outcry` starts, and does nothing without.
 */
export function releaseMemory(): void {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
