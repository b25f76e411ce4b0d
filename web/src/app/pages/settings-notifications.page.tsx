import { Card } from '../../ui/card.tsx'
import { SettingsFrame } from './settings-frame.tsx'

/** Which messages a member gets. */
export function Page() {
  return (
    <SettingsFrame title="Notifications">
      <Card title="Mails about your security">
        <p>
          You are told by mail when somebody signs in from a new device, when your address, password, second
          factor or passkeys change, when a live broker key is added, replaced, deleted or used from a new
          address, and before a key expires. These mails cannot be switched off: they are how you would learn
          of a break-in.
        </p>
      </Card>
      <Card title="Everything else">
        <p className="text-ink-soft">
          There are no other notifications yet, so there is nothing to choose here.
        </p>
      </Card>
    </SettingsFrame>
  )
}
