// Small help for forms: empty fields stay out of the address, and a form is sent once.

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "get") {
    for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
    return;
  }
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
});

// coming back with the browser's own button shows the form as it was
window.addEventListener("pageshow", () => {
  for (const form of document.forms) {
    delete form.dataset.sent;
    for (const field of form.elements) {
      field.disabled = false;
      field.removeAttribute("aria-disabled");
    }
  }
});
