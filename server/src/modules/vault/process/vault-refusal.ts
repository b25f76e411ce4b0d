import type { VaultFault } from '../protocol/protocol.ts'

/** Ends a request to the vault process; the server is told `fault` and nothing else. */
export class VaultRefusal extends Error {
  override readonly name = 'VaultRefusal'
  readonly fault: VaultFault

  constructor(fault: VaultFault, cause?: unknown) {
    super(`The vault refuses: ${fault}.`, { cause })
    this.fault = fault
  }
}
