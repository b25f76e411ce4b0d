import { ActivitySettings } from '../../features/accounts/components/activity-settings.tsx'
import { EmailSettings } from '../../features/accounts/components/email-settings.tsx'
import { PasskeysSettings } from '../../features/accounts/components/passkeys-settings.tsx'
import { PasswordSettings } from '../../features/accounts/components/password-settings.tsx'
import { SessionsSettings } from '../../features/accounts/components/sessions-settings.tsx'
import { TokensSettings } from '../../features/accounts/components/tokens-settings.tsx'
import { TwoFactorSettings } from '../../features/accounts/components/two-factor-settings.tsx'
import { useVault } from '../../features/vault/api/use-vault.ts'
import { credentialNameInText } from '../../features/vault/credential-name.ts'
import { SettingsFrame } from './settings-frame.tsx'

/** How a member signs in, where they are signed in, and what acts for them. */
export function Page() {
  const { groups = [] } = useVault()
  const credentials = groups
    .flatMap((group) => group.credentials)
    .map((credential) => ({ id: credential.id, name: credentialNameInText(credential) }))
  return (
    <SettingsFrame title="Security">
      <TwoFactorSettings />
      <PasskeysSettings />
      <EmailSettings />
      <PasswordSettings />
      <SessionsSettings />
      <ActivitySettings />
      <TokensSettings credentials={credentials} />
    </SettingsFrame>
  )
}
