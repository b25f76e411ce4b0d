import { ApiProblem } from './problem.ts'

/** What kind of proof is asked for. */
export interface ProofAsked {
  /** Only a code or a passkey counts. */
  readonly needsFactor: boolean
}

/** Asks the member to prove who they are; false when they would rather not. */
export type Prover = (asked: ProofAsked) => Promise<boolean>

let prover: Prover | undefined

/** Names who asks for proofs; the page shell does it once. Returns what takes it back. */
export function registerProver(ask: Prover): () => void {
  prover = ask
  return () => {
    if (prover === ask) prover = undefined
  }
}

/**
 * Does what the server may want a recent proof for: when it asks, the member is asked, and it is done once more.
 * Throws the server's answer when the member declines.
 */
export async function withProof<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt()
  } catch (error) {
    if (!(error instanceof ApiProblem && error.asksForProof) || prover === undefined) throw error
    if (!(await prover({ needsFactor: error.needsFactor }))) throw error
    return await attempt()
  }
}
