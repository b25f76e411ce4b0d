import { hash } from 'node:crypto'

const BITS = 256n
const MASK = (1n << BITS) - 1n

/**
 * A checksum of rows whatever order they come in: the sum of the SHA-256 of every line, modulo 2^256. It finds mistakes;
 * someone who may choose the rows can make two sets agree.
 */
export class RowChecksum {
  #sum = 0n
  #rows = 0

  /** Adds one row in its portable form. */
  add(line: string): void {
    this.#sum = (this.#sum + BigInt(`0x${hash('sha256', line, 'hex')}`)) & MASK
    this.#rows++
  }

  get rows(): number {
    return this.#rows
  }

  /** 64 hexadecimal digits. */
  digest(): string {
    return this.#sum.toString(16).padStart(64, '0')
  }
}
