/** Who sent a request, as far as the platform needs to know. */
export interface Actor {
  readonly id: string
  /** One of the roles the server was created with; their order is their rank. */
  readonly role: string
  /** `active` may do everything its role may; `pending_verification` only what allows it; every other status nothing. */
  readonly status: string
  /** Absent for credentials that are not a session, such as a personal access token. */
  readonly sessionId?: string
  /** When this session last proved a password, code or passkey; absent when it never did. */
  readonly authenticatedAt?: Date
  /** What a personal access token is limited to; absent for a session, which may do all that its member may. */
  readonly scopes?: readonly string[]
}
