/** Where a request came from, for the session list and the audit log. */
export interface ClientFacts {
  readonly address: string
  readonly userAgent: string
  readonly requestId: string
}
