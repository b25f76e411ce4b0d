import { useRef, useState } from 'react'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { CheckField, SelectField, TextAreaField, TextField } from '../../ui/field.tsx'
import { Menu, MenuItem, MenuLabel, MenuLine } from '../../ui/menu.tsx'
import { PasswordField } from '../../ui/password-field.tsx'
import { showToast, Toasts } from '../../ui/toasts.tsx'
import { InBothThemes } from './in-both-themes.tsx'

/** Buttons, badges, forms, and what opens over a page. */
export function Controls() {
  return (
    <>
      <InBothThemes
        title="Buttons"
        note="One primary button a form. The ring shows what has the focus: press Tab."
      >
        {() => (
          <>
            <div className="flex flex-wrap gap-2">
              <Button kind="primary">Primary</Button>
              <Button>Secondary</Button>
              <Button kind="quiet">Quiet</Button>
              <Button kind="danger">Dangerous</Button>
            </div>
            <div className="flex flex-wrap gap-2">
              <Button isSmall>Small</Button>
              <Button isBusy>Under way</Button>
              <Button disabled>Not now</Button>
              <span className="inline-flex rounded-sm outline-3 outline-offset-2 outline-focus">
                <Button>Focused</Button>
              </span>
            </div>
          </>
        )}
      </InBothThemes>
      <InBothThemes title="Badges" note="A state in a word; the colour only repeats it.">
        {() => (
          <p className="flex flex-wrap gap-2">
            <Badge>Neutral</Badge>
            <Badge tone="good">Well</Badge>
            <Badge tone="warning">Expires soon</Badge>
            <Badge tone="danger">Refused</Badge>
          </p>
        )}
      </InBothThemes>
      <InBothThemes
        title="Forms"
        note="A label over each field, the hint above it, what is wrong with it below."
      >
        {() => (
          <div className="grid gap-4">
            <TextField label="A line" hint="What belongs here." defaultValue="Swing ideas" />
            <TextField label="A refused line" error="Say what is wrong and what to do." defaultValue="?" />
            <PasswordField label="A secret" autoComplete="off" defaultValue="not a real one" />
            <TextAreaField label="Several lines" rows={2} />
            <SelectField label="One of a few">
              <option>Paper</option>
              <option>Live</option>
            </SelectField>
            <CheckField label="Yes or no" hint="What it leads to." defaultChecked />
          </div>
        )}
      </InBothThemes>
      <Overlays />
    </>
  )
}

function Overlays() {
  const [isAsking, setAsking] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  return (
    <section className="grid justify-items-start gap-3">
      <h2>Over the page</h2>
      <p className="max-w-prose text-ink-soft">
        In the theme of the page. Escape closes, and the focus goes back to what opened them.
      </p>
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => setAsking(true)}>Open a dialog</Button>
        <Menu trigger={<Button>Open a menu</Button>}>
          <MenuLabel>What it is about</MenuLabel>
          <MenuItem onSelect={() => showToast('Renamed.')}>Rename</MenuItem>
          <MenuLine />
          <MenuItem onSelect={() => showToast('Deleted.')}>Delete</MenuItem>
        </Menu>
        <Button onClick={() => showToast('It is done.')}>Show a toast</Button>
      </div>
      {isAsking && (
        <ConfirmDialog
          title="Remove “Phone”?"
          action="Remove the passkey"
          isDangerous
          submission={{ form, isBusy: false, failure: undefined, wait: undefined }}
          onConfirm={() => setAsking(false)}
          onClose={() => setAsking(false)}
        >
          What happens, and what does not.
        </ConfirmDialog>
      )}
      <Toasts />
    </section>
  )
}
