// @level integration @tag smoke network
// @lock port
// @depends-on unit.parse
