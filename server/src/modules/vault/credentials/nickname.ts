const SHOWS_SOMETHING = /[^\s\p{Default_Ignorable_Code_Point}]/u

/** What a credential is called: as its owner wrote it, composed (NFC) and trimmed, or after its type when that is blank. */
export function nicknameOf(given: string | null | undefined, credentialType: string): string {
  const name = (given ?? '').normalize('NFC').trim()
  return SHOWS_SOMETHING.test(name) ? name : credentialType
}

/** What a stored credential is called, in a sentence of a mail. */
export function calledAs(row: {
  readonly nickname: string | null
  readonly credential_type: string
}): string {
  return `It is called “${nicknameOf(row.nickname, row.credential_type)}”`
}
