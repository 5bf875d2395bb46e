// Passkeys: the browser asks the device, the form carries its answer. `data-passkey` on a form says what for:
// "add" (a new one), "use" (the second step), "login" (instead of the password; options are fetched then).
(() => {
  "use strict";

  // A passkey belongs to a name: browsers make none for an address of numbers, not even for 127.0.0.1.
  const named = () => !/^[\d.]+$|:/.test(window.location.hostname);
  const able = () => named() && window.isSecureContext && window.webauthnJSON && window.webauthnJSON.supported();
  const show = (form, name, on) => {
    const words = form.querySelector(`[data-passkey-${name}]`);
    if (words) words.hidden = !on;
  };

  async function options(form) {
    const here = document.getElementById("passkey-options");
    if (here) return JSON.parse(here.textContent);
    const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`no options: ${answer.status}`);
    return answer.json();
  }

  async function ask(form) {
    const given = await options(form);
    if (form.dataset.passkey !== "add") return window.webauthnJSON.get(given.request_options);
    const wanted = given.creation_options;
    // A key that is found without a name typed first, and that asks for a finger, a face or a PIN.
    wanted.publicKey.authenticatorSelection = {
      ...wanted.publicKey.authenticatorSelection,
      residentKey: "required",
      requireResidentKey: true,
      userVerification: "required",
    };
    return window.webauthnJSON.create(wanted);
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-passkey]");
    const field = form && form.querySelector("[data-passkey-answer]");
    if (!form || field.value) return;
    event.preventDefault();
    if (!able()) {
      show(form, "impossible", true);
      return;
    }
    show(form, "failed", false);
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    try {
      field.value = JSON.stringify(await ask(form));
      form.submit();
    } catch {
      show(form, "failed", true);
    } finally {
      button.disabled = false;
    }
  });
})();
