const UNEXPECTED = 'It failed unexpectedly'

/** Errors of ours by name. */
const BY_NAME: Readonly<Record<string, string>> = {
  PermanentJobError: 'It cannot be done, and trying again did not help.',
  InvalidPayloadError: 'It was asked for by another version, in a form that this one does not know.',
  DatabaseUnavailableError: 'The database could not be reached.',
  SealIntegrityError: 'What it carried is damaged and does not open.',
  UnknownKeyError: 'What it carried is sealed with a key that the key ring does not have.',
  VerificationError: 'The command outcry audit verify could not be run; run it on the server to see why.',
  TimeoutError: 'It was not done in time.',
  AbortError: 'It was broken off.',
}

/** Codes of Node.js and of the mail library. */
const BY_CODE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'The other side refused the connection.',
  ECONNRESET: 'The other side broke off the connection.',
  EPIPE: 'The other side broke off the connection.',
  ETIMEDOUT: 'The other side did not answer in time.',
  ECONNECTION: 'The connection could not be made.',
  ESOCKET: 'The connection could not be made or was broken off.',
  EDNS: 'The name of the other side could not be looked up.',
  ENOTFOUND: 'The name of the other side could not be looked up.',
  EAI_AGAIN: 'The name of the other side could not be looked up.',
  EAUTH: 'The mail server did not let us in; check its user and password.',
  EENVELOPE: 'The mail server did not take the address.',
  EMESSAGE: 'The mail server did not take the mail.',
  ENOSPC: 'The disk is full.',
  EACCES: 'A file or folder is not for this user to write.',
  EPERM: 'A file or folder is not for this user to write.',
  EROFS: 'The disk cannot be written.',
}

/**
 * Why work was given up, in one plain sentence. Of what was kept of the failure only the kind of error is looked at, never
 * its message, which may quote what the work was about.
 */
export function whyItFailed(kept: string | null): string {
  const [, name = '', code = ''] =
    /^([A-Z][A-Za-z]{0,40}(?:Error|Exception)|Error)(?: ([A-Z][A-Z0-9_]{1,40}))?(?=:|$)/.exec(kept ?? '') ??
    []
  const known = BY_CODE[code] ?? BY_NAME[name]
  if (known !== undefined) return known
  const kind = code || (name === 'Error' ? '' : name)
  return `${UNEXPECTED}${kind === '' ? '' : ` (${kind})`}; the log of that time says more.`
}
