import { DeleteOwnAccount } from '../../features/accounts/components/delete-own-account.tsx'
import { SettingsFrame } from './settings-frame.tsx'

/** Leaving for good. */
export function Page() {
  return (
    <SettingsFrame title="Delete account">
      <DeleteOwnAccount />
    </SettingsFrame>
  )
}
