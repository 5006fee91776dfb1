/* Asks every second whether a file of config/ or templates/ has changed, and then shows the mail anew. */
var shown = document.body.dataset.stamp;
setInterval(function () {
  fetch("/stamp").then(function (answer) { return answer.text(); }).then(function (stamp) {
    if (stamp !== shown) { location.reload(); }
  }).catch(function () { /* The preview was stopped. */ });
}, 1000);
