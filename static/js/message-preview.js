// Shows the mail again a moment after the last key; without this the button "Show" does it.
const form = document.querySelector("form[data-preview]");
if (form) {
  const show = form.querySelector("button[formtarget]");
  let timer = 0;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => form.requestSubmit(show), 600);
  };
  form.addEventListener("input", later);
  form.requestSubmit(show);
}
