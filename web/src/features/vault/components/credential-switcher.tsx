export function CredentialSwitcher() {
  return null
}
