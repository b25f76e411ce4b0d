import { ProfileSettings } from '../../features/accounts/components/profile-settings.tsx'
import { ThemeSettings } from '../../features/accounts/components/theme-settings.tsx'
import { SettingsFrame } from './settings-frame.tsx'

/** What others see of a member, and how this device shows the site. */
export function Page() {
  return (
    <SettingsFrame title="Profile">
      <ProfileSettings />
      <ThemeSettings />
    </SettingsFrame>
  )
}
