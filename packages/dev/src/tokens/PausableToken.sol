// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Token} from "./Token.sol";

/// Moves nothing while it is paused.
contract PausableToken is Token {
    bool public paused;

    function setPaused(bool value) external {
        paused = value;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        require(!paused, "token is paused");
        move(msg.sender, to, value);
        return true;
    }
}
