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
  /** The personal access token they act by; absent for a session. */
  readonly token?: ActorToken
}

/** A personal access token, as far as routes must obey it; where it may come from is settled before. */
export interface ActorToken {
  readonly id: string
  /** The one credential it may be used with; every one of its owner when null. */
  readonly credentialId: string | null
  /** The paths it may ask a gateway for; all when empty. */
  readonly pathPatterns: readonly string[]
  readonly ratePerMinute: number | null
}
