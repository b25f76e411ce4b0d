/** One line of the doctor's report. */
export interface Finding {
  readonly status: 'ok' | 'warn' | 'fail'
  readonly name: string
  /** One plain sentence: what was found and, unless it is fine, what to do. */
  readonly sentence: string
}

export const ok = (name: string, sentence: string): Finding => ({ status: 'ok', name, sentence })
export const warn = (name: string, sentence: string): Finding => ({ status: 'warn', name, sentence })
export const fail = (name: string, sentence: string): Finding => ({ status: 'fail', name, sentence })
