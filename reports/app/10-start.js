// Runs once the page is there. Everything important is already on it; what is added here is the
// live table of users.
